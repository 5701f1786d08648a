"""The tables of the database. Times are ISO 8601 in UTC, days ISO 8601, structures JSON."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table

METADATA: Final = MetaData()
SCHEMA: Final = Table("schema_version", METADATA, Column("version", Integer, primary_key=True))

#: `frame_ancestors` is a JSON list.
SHARES: Final = Table(
    "shares",
    METADATA,
    Column("public_id", String, primary_key=True),
    Column("token_sha256", String, nullable=False, unique=True),
    Column("owner", String, nullable=False, index=True),
    Column("level", String, nullable=False),
    Column("snapshot_id", String, nullable=False, index=True),
    Column("fields_preset", String, nullable=False),
    Column("lang", String, nullable=False),
    Column("title", String, nullable=False),
    Column("note", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("expires_at", String, nullable=False),
    Column("revoked_at", String),
    Column("passphrase_hash", String),
    Column("opens", Integer, nullable=False),
    Column("frame_ancestors", String, nullable=False),
)
SHARED_FEATURES: Final = Table(
    "shared_features",
    METADATA,
    Column("share", String, ForeignKey("shares.public_id", ondelete="CASCADE"), primary_key=True),
    Column("layer", String, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("feature_id", String, nullable=False),
    Index("shared_features_by_feature", "layer", "feature_id"),
)

#: `holder` is the secret of the worker that holds the job; `payload` and `result` are JSON objects.
JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("owner", String, nullable=False, index=True),
    Column("level", String, nullable=False),
    Column("payload", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("progress", Float, nullable=False),
    Column("message", String, nullable=False),
    Column("result", String),
    Column("holder", String),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", String),
    Column("created_at", String, nullable=False),
    Column("finished_at", String),
)

#: One edit of one record; `place` is its turn among those approved.
AMENDMENTS: Final = Table(
    "amendments",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("origin", String, nullable=False),
    Column("layer", String, nullable=False),
    Column("feature_id", String, nullable=False),
    Column("base", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("note", String, nullable=False),
    Column("document", String, nullable=False),
    Column("dated", String),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
    Column("approved_by", String),
    Column("decided_at", String),
    Column("reason", String, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("place", Integer, unique=True),
    Column("published_in", String),
    Index("amendments_by_feature", "layer", "feature_id"),
)
#: What an edit changes: `before` is the value it was based on, both as JSON.
AMENDED_FIELDS: Final = Table(
    "amended_fields",
    METADATA,
    Column("amendment", String, ForeignKey("amendments.id", ondelete="CASCADE"), primary_key=True),
    Column("field", String, primary_key=True),
    Column("before", String, nullable=False),
    Column("value", String, nullable=False),
)

#: `fields` is the JSON list of what may be answered.
CONFIRMATIONS: Final = Table(
    "confirmations",
    METADATA,
    Column("id", String, primary_key=True),
    Column("token_sha256", String, nullable=False, unique=True),
    Column("layer", String, nullable=False),
    Column("feature_id", String, nullable=False),
    Column("fields", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("expires_at", String, nullable=False),
    Column("revoked_at", String),
    Column("used_at", String),
    Column("amendment", String),
    Index("confirmations_by_feature", "layer", "feature_id"),
)

#: `files` is the JSON object of sizes; the files themselves lie under ``attachments/``, named by their hash.
ATTACHMENTS: Final = Table(
    "attachments",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("layer", String, nullable=False),
    Column("feature_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("visibility", String, nullable=False),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("sha256", String, nullable=False, index=True),
    Column("files", String, nullable=False),
    Column("caption_zh", String, nullable=False),
    Column("caption_en", String, nullable=False),
    Column("dated", String),
    Column("source", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
    Column("changed_at", String, nullable=False),
    Column("removed_at", String),
    Index("attachments_by_feature", "layer", "feature_id"),
)
