"""The first floor: evidence, and the calls folded from it."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE caller_numbers (
        pseudonym TEXT NOT NULL,
        number_encrypted BYTEA NOT NULL,
        first_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_caller_numbers PRIMARY KEY (pseudonym)
    )
    """,
    "COMMENT ON COLUMN caller_numbers.pseudonym IS 'HMAC-SHA-256 of the number, hexadecimal'",
    "COMMENT ON COLUMN caller_numbers.number_encrypted IS 'AES-256-GCM: nonce, then sealed UTF-8 text'",
    """
    CREATE TABLE calls (
        call_id TEXT NOT NULL,
        node TEXT NOT NULL,
        did TEXT,
        trunk TEXT,
        number_pseudonym TEXT,
        presentation TEXT,
        started_at TIMESTAMP WITH TIME ZONE NOT NULL,
        answered_at TIMESTAMP WITH TIME ZONE,
        ended_at TIMESTAMP WITH TIME ZONE,
        language TEXT,
        keys TEXT,
        service TEXT,
        queue TEXT,
        office TEXT,
        operator TEXT,
        plan_version TEXT,
        wait_s INTEGER,
        talk_s INTEGER,
        outcome TEXT NOT NULL,
        hung_up_by TEXT NOT NULL,
        hangup_cause INTEGER,
        CONSTRAINT pk_calls PRIMARY KEY (call_id)
    )
    """,
    "CREATE INDEX ix_calls_open ON calls (node, started_at) WHERE ended_at IS NULL",
    "CREATE INDEX ix_calls_queue_started_at ON calls (queue, started_at DESC)",
    "CREATE INDEX ix_calls_started_at_call_id ON calls (started_at DESC, call_id DESC)",
    "COMMENT ON COLUMN calls.call_id IS 'linkedid'",
    "COMMENT ON COLUMN calls.number_pseudonym IS 'null: withheld or unknown'",
    "COMMENT ON COLUMN calls.wait_s IS 'whole seconds: in queues until answer, abandon or exit'",
    "COMMENT ON COLUMN calls.talk_s IS 'whole seconds: connected with operators'",
    "COMMENT ON COLUMN calls.hangup_cause IS 'Q.850 number'",
    """
    CREATE TABLE evidence (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        node TEXT NOT NULL,
        source TEXT NOT NULL,
        generation TEXT NOT NULL,
        position_bytes BIGINT NOT NULL,
        occurred_at TIMESTAMP WITH TIME ZONE,
        linkedid TEXT,
        uniqueid TEXT,
        type TEXT NOT NULL,
        payload JSONB NOT NULL,
        received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_evidence PRIMARY KEY (id),
        CONSTRAINT uq_evidence_node_source_generation_position_bytes UNIQUE (node, source, generation, position_bytes)
    )
    """,
    "CREATE INDEX ix_evidence_linkedid ON evidence (linkedid)",
    "CREATE INDEX ix_evidence_restarts ON evidence (node, occurred_at) WHERE type = 'QUEUESTART'",
    "CREATE INDEX ix_evidence_uniqueid ON evidence (uniqueid)",
    "COMMENT ON COLUMN evidence.source IS 'cel or queue_log'",
    "COMMENT ON COLUMN evidence.generation IS 'id of the file that the journal gave it'",
    "COMMENT ON COLUMN evidence.position_bytes IS 'bytes before the line in its file'",
    "COMMENT ON COLUMN evidence.payload IS 'fields of the line; callers'' numbers replaced by pseudonyms'",
    """
    CREATE TABLE nodes (
        node TEXT NOT NULL,
        report JSONB NOT NULL,
        received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_nodes PRIMARY KEY (node)
    )
    """,
    """
    CREATE TABLE quarantine (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        node TEXT NOT NULL,
        source TEXT NOT NULL,
        generation TEXT NOT NULL,
        position_bytes BIGINT NOT NULL,
        reason TEXT NOT NULL,
        line_encrypted BYTEA NOT NULL,
        received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_quarantine PRIMARY KEY (id),
        CONSTRAINT uq_quarantine_node_source_generation_position_bytes UNIQUE (node, source, generation, position_bytes)
    )
    """,
    "COMMENT ON COLUMN quarantine.position_bytes IS 'bytes before the line in its file'",
    "COMMENT ON COLUMN quarantine.line_encrypted IS 'AES-256-GCM: nonce, then sealed UTF-8 text'",
    """
    CREATE TABLE call_decisions (
        call_id TEXT NOT NULL,
        decision_no INTEGER NOT NULL,
        occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
        rung TEXT,
        service TEXT,
        queue TEXT,
        office TEXT,
        priority INTEGER,
        is_open BOOLEAN,
        language TEXT,
        keys TEXT,
        plan_version TEXT,
        reasons JSONB NOT NULL,
        CONSTRAINT pk_call_decisions PRIMARY KEY (call_id, decision_no),
        CONSTRAINT fk_call_decisions_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (call_id) ON DELETE CASCADE
    )
    """,
    "COMMENT ON COLUMN call_decisions.decision_no IS 'place in the call, from 1'",
    "COMMENT ON COLUMN call_decisions.reasons IS 'list of [code, details]'",
    """
    CREATE TABLE call_legs (
        call_id TEXT NOT NULL,
        leg_no INTEGER NOT NULL,
        uniqueid TEXT NOT NULL,
        channel TEXT,
        role TEXT NOT NULL,
        operator TEXT,
        started_at TIMESTAMP WITH TIME ZONE NOT NULL,
        answered_at TIMESTAMP WITH TIME ZONE,
        ended_at TIMESTAMP WITH TIME ZONE,
        hangup_cause INTEGER,
        CONSTRAINT pk_call_legs PRIMARY KEY (call_id, leg_no),
        CONSTRAINT fk_call_legs_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (call_id) ON DELETE CASCADE
    )
    """,
    "COMMENT ON COLUMN call_legs.leg_no IS 'place in the call, from 1'",
    "COMMENT ON COLUMN call_legs.role IS 'caller, operator or other'",
    "COMMENT ON COLUMN call_legs.hangup_cause IS 'Q.850 number'",
    """
    CREATE TABLE menu_steps (
        call_id TEXT NOT NULL,
        step_no INTEGER NOT NULL,
        occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
        menu TEXT,
        outcome TEXT,
        key TEXT,
        language TEXT,
        attempt INTEGER,
        CONSTRAINT pk_menu_steps PRIMARY KEY (call_id, step_no),
        CONSTRAINT fk_menu_steps_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (call_id) ON DELETE CASCADE
    )
    """,
    "COMMENT ON COLUMN menu_steps.step_no IS 'place in the call, from 1'",
    """
    CREATE TABLE queue_visits (
        call_id TEXT NOT NULL,
        visit_no INTEGER NOT NULL,
        queue TEXT NOT NULL,
        entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
        answered_at TIMESTAMP WITH TIME ZONE,
        ended_at TIMESTAMP WITH TIME ZONE,
        operator TEXT,
        position INTEGER,
        wait_s INTEGER,
        ring_s INTEGER,
        talk_s INTEGER,
        missed_rings INTEGER NOT NULL,
        ending TEXT NOT NULL,
        CONSTRAINT pk_queue_visits PRIMARY KEY (call_id, visit_no),
        CONSTRAINT fk_queue_visits_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (call_id) ON DELETE CASCADE
    )
    """,
    "COMMENT ON COLUMN queue_visits.visit_no IS 'place in the call, from 1'",
    "COMMENT ON COLUMN queue_visits.position IS 'place in the queue at entry, from 1'",
    "COMMENT ON COLUMN queue_visits.wait_s IS 'whole seconds: until answer, abandon or exit'",
    "COMMENT ON COLUMN queue_visits.ring_s IS 'whole seconds: the answering operator''s phone rang'",
    "COMMENT ON COLUMN queue_visits.talk_s IS 'whole seconds: connected with the operator'",
    "COMMENT ON COLUMN queue_visits.missed_rings IS 'phones that rang and were not picked up'",
)


def upgrade() -> None:
    """Makes all tables."""
    for statement in STATEMENTS:
        op.execute(statement)
