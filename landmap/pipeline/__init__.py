"""What is computed when layers are published, the edits that are folded in, and the work of workers."""

from landmap.pipeline.at_hand import boundaries_of, load_profile, remember_profile
from landmap.pipeline.attaching import attach_files
from landmap.pipeline.beside import beside_of, published_of
from landmap.pipeline.demo import demo_home
from landmap.pipeline.derivations import DERIVATIONS
from landmap.pipeline.folding import Effect, effects_of, fold_now, fold_when_due, publish_amended
from landmap.pipeline.joining import Join, join_files, keep_join
from landmap.pipeline.kinds import KINDS
from landmap.pipeline.placing import Placing, place_row, publish_placed
from landmap.pipeline.publishing import publish_layers, publish_staged, stage_layer
from landmap.pipeline.waiting_rows import placeable
from landmap.pipeline.working import Done, Task, Work, work, work_once

__all__ = [
    "DERIVATIONS",
    "KINDS",
    "Done",
    "Effect",
    "Join",
    "Placing",
    "Task",
    "Work",
    "attach_files",
    "beside_of",
    "boundaries_of",
    "demo_home",
    "effects_of",
    "fold_now",
    "fold_when_due",
    "join_files",
    "keep_join",
    "load_profile",
    "place_row",
    "placeable",
    "publish_amended",
    "publish_layers",
    "publish_placed",
    "publish_staged",
    "published_of",
    "remember_profile",
    "stage_layer",
    "work",
    "work_once",
]
