"""The queue of edits under any order of events: no edit is lost, none counts twice, every conflict is told."""

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from landmap.access import Amendments, Database, Stage, approve_edit, edits, propose_edit
from landmap.domain import layer_named
from landmap.domain.errors import ConflictError
from landmap.pipeline import fold_now, publish_amended
from landmap.pipeline.folding import Folding
from landmap.store import Snapshot, open_current
from tests.hamlet import layer_frame, make_home, square
from tests.sizes import sized

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
LAYER = layer_named("building_units")
IDS = ("A", "B")
#: What the file and the editors say of one field; the edited field is plain text, so that every word may stand in it.
WORDS = st.sampled_from(["空置", "已租", "自用", "装修中"])


class Model:
    """What must hold of one record, told in the plainest way: the file's word, and the edits over it in their turn."""

    def __init__(self, said: str) -> None:
        self.said = said
        self.chain: list[tuple[str, str, str]] = []
        self.pending: list[tuple[str, str, str]] = []

    def final(self) -> str:
        return [*self.chain, *self.pending][-1][2] if self.chain or self.pending else self.said

    def publish(self, said: str) -> str:
        """Publish with the file saying `said`; edits that the version before had caught up with are over."""
        if self.chain and not self.pending and self.said == self.chain[-1][2]:
            self.chain = []
        self.chain += self.pending
        self.pending = []
        self.said = said
        return self.final()


class Queue(RuleBasedStateMachine):
    """Editors, approvers, importers and crashes, in any order, over two records."""

    proposed = Bundle("proposed")
    decided = Bundle("decided")

    @initialize()
    def open_(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.home = make_home(Path(self.folder.name) / "home")
        self.records = {id: Model("空置") for id in IDS}
        self.publish_file(dict.fromkeys(IDS, "空置"))
        self.queue = Amendments(Database.open(self.home.path / "landmap.db"))
        self.known: dict[str, tuple[str, str, str]] = {}

    @rule(target=proposed, id=st.sampled_from(IDS), word=WORDS)
    def propose(self, id: str, word: str) -> str | None:
        before = self.published(open_current(self.home), id)
        told = propose_edit(self.home, self.queue, "building_units", id, {"unit_no": word}, by="王", now=NOW)
        assert (told.amendment is None) == (before == word)
        if told.amendment is None:
            return None
        self.known[told.amendment.id] = (id, before, word)
        return told.amendment.id

    @rule(target=decided, edit=consumes(proposed), despite=st.booleans())
    def approve(self, edit: str | None, despite: bool) -> str | None:
        if edit is None:
            return None
        id, before, word = self.known[edit]
        now = self.records[id].final()
        if now not in (before, word) and not despite:
            with pytest.raises(ConflictError):
                approve_edit(self.home, self.queue, edit, by="张", now=NOW)
            self.queue.reject(edit, by="张", now=NOW, reason="已变化")
            return None
        approve_edit(self.home, self.queue, edit, by="张", now=NOW, despite=despite)
        self.records[id].pending.append((edit, now if now not in (before, word) else before, word))
        return edit

    @rule(edit=consumes(decided))
    def release(self, edit: str | None) -> None:
        if edit is None:
            return
        self.queue.release(edit, by="张", now=NOW)
        record = self.records[self.known[edit][0]]
        record.chain = [one for one in record.chain if one[0] != edit]
        record.pending = [one for one in record.pending if one[0] != edit]

    @rule(words=st.fixed_dictionaries(dict.fromkeys(IDS, WORDS)))
    def import_(self, words: dict[str, str]) -> None:
        snapshot = self.publish_file(words)
        for id in IDS:
            assert self.published(snapshot, id) == self.records[id].publish(words[id])

    @rule()
    def fold(self) -> None:
        snapshot = fold_now(self.home, by="张")[0]
        for id in IDS:
            assert self.published(snapshot, id) == self.records[id].publish(self.records[id].said)
        assert fold_now(self.home, by="张")[0].id == snapshot.id or any(
            self.records[id].chain and self.records[id].said == self.records[id].chain[-1][2] for id in IDS
        )

    @rule()
    def crash_after_publishing(self) -> None:
        """The version is there, and nobody wrote into the database that it is."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Folding, "done", lambda *_: None)
            fold_now(self.home, by="张")
        for id in IDS:
            self.records[id].publish(self.records[id].said)

    @invariant()
    def nothing_is_lost_or_counted_twice(self) -> None:
        if not hasattr(self, "queue"):
            return
        listed = open_current(self.home).manifest["amendments"]
        assert len(listed) == len(set(listed))
        for edit, (id, _, word) in self.known.items():
            amendment = self.queue.get(edit)
            assert [one.value for one in amendment.changes] == [word]
            standing = [one[0] for one in (*self.records[id].chain, *self.records[id].pending)]
            if edit in standing:
                assert amendment.state in (Stage.APPROVED, Stage.PUBLISHED)

    def publish_file(self, words: dict[str, str]) -> Snapshot:
        rows: list[dict[str, Any]] = [
            {"unit_id": id, "building_id": "T", "floor_no": 1, "unit_no": word, "unit_area_m2": 100.0}
            for id, word in words.items()
        ]
        frame = layer_frame("building_units", rows)
        buildings = layer_frame("buildings", [{"building_id": "T", "building_name": "楼", "geometry": square(0, 0)}])
        return publish_amended(self.home, {"building_units": frame, "buildings": buildings}, by="数据", note="")

    @staticmethod
    def published(snapshot: Snapshot, id: str) -> str:
        return str(edits.record(snapshot.layer("building_units"), LAYER, id)["unit_no"])

    def teardown(self) -> None:
        if hasattr(self, "queue"):
            self.queue.database.close()
            self.folder.cleanup()


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=sized(12, 80), stateful_step_count=sized(15, 30), deadline=None)
