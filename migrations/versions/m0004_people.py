"""People, their sessions and machines' tokens; the audit; legal holds and retention's runs."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE audit_log (
        seq BIGINT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        actor_kind TEXT NOT NULL,
        actor_id TEXT NOT NULL,
        actor_name TEXT NOT NULL,
        actor_role TEXT,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        details JSONB NOT NULL,
        previous_hash BYTEA NOT NULL,
        hash BYTEA NOT NULL,
        CONSTRAINT pk_audit_log PRIMARY KEY (seq)
    )
    """,
    "CREATE INDEX ix_audit_log_action_seq ON audit_log (action, seq DESC)",
    "CREATE INDEX ix_audit_log_actor_id_seq ON audit_log (actor_id, seq DESC)",
    "CREATE INDEX ix_audit_log_subject_seq ON audit_log (subject, seq DESC)",
    "COMMENT ON COLUMN audit_log.seq IS 'place in the chain, from 1, no gaps'",
    "COMMENT ON COLUMN audit_log.actor_kind IS 'instance, token, user or system'",
    "COMMENT ON COLUMN audit_log.actor_role IS 'null: not a person'",
    "COMMENT ON COLUMN audit_log.subject IS 'id of what was changed or looked at'",
    "COMMENT ON COLUMN audit_log.details IS 'never a number, a password or a token'",
    "COMMENT ON COLUMN audit_log.hash IS 'HMAC-SHA-256 over previous_hash and the row'",
    """
    CREATE TABLE audit_head (
        id SMALLINT NOT NULL,
        seq BIGINT NOT NULL,
        hash BYTEA NOT NULL,
        CONSTRAINT pk_audit_head PRIMARY KEY (id)
    )
    """,
    "COMMENT ON COLUMN audit_head.id IS 'always 1'",
    "COMMENT ON COLUMN audit_head.seq IS 'the last row of the chain'",
    """
    CREATE TABLE users (
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        operator TEXT,
        password_hash TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        password_changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        disabled_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_users PRIMARY KEY (id),
        CONSTRAINT uq_users_name UNIQUE (name)
    )
    """,
    "COMMENT ON COLUMN users.name IS 'with which the person logs in'",
    "COMMENT ON COLUMN users.operator IS 'id in the plan; null: takes no calls'",
    "COMMENT ON COLUMN users.password_hash IS 'Argon2id, PHC string'",
    "COMMENT ON COLUMN users.disabled_at IS 'null: may log in'",
    """
    CREATE TABLE sessions (
        digest BYTEA NOT NULL,
        user_id TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_sessions PRIMARY KEY (digest),
        CONSTRAINT fk_sessions_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_sessions_expires_at ON sessions (expires_at)",
    "CREATE INDEX ix_sessions_user_id ON sessions (user_id)",
    "COMMENT ON COLUMN sessions.digest IS 'SHA-256 of the cookie''s value'",
    """
    CREATE TABLE login_attempts (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        name TEXT NOT NULL,
        address TEXT NOT NULL,
        tried_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_login_attempts PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_login_attempts_tried_at ON login_attempts (tried_at)",
    "COMMENT ON COLUMN login_attempts.name IS 'as it was given, whether somebody has it or not'",
    """
    CREATE TABLE api_tokens (
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        digest BYTEA NOT NULL,
        scopes TEXT[] NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        created_by TEXT NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        revoked_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT pk_api_tokens PRIMARY KEY (id),
        CONSTRAINT uq_api_tokens_digest UNIQUE (digest)
    )
    """,
    "COMMENT ON COLUMN api_tokens.name IS 'what uses it'",
    "COMMENT ON COLUMN api_tokens.digest IS 'SHA-256 of the token'",
    "COMMENT ON COLUMN api_tokens.revoked_at IS 'null: nobody revoked it'",
    """
    CREATE TABLE legal_holds (
        id TEXT NOT NULL,
        call_id TEXT,
        pseudonym TEXT,
        reason TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        created_by TEXT NOT NULL,
        released_at TIMESTAMP WITH TIME ZONE,
        released_by TEXT,
        CONSTRAINT pk_legal_holds PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_legal_holds_open ON legal_holds (pseudonym, call_id) WHERE released_at IS NULL",
    "COMMENT ON COLUMN legal_holds.call_id IS 'the call that is kept; null: all calls of the pseudonym'",
    "COMMENT ON COLUMN legal_holds.pseudonym IS 'the person whose data is kept; null: one call'",
    "COMMENT ON COLUMN legal_holds.released_at IS 'null: in force'",
    """
    CREATE TABLE retention_runs (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        is_dry BOOLEAN NOT NULL,
        counts JSONB NOT NULL,
        CONSTRAINT pk_retention_runs PRIMARY KEY (id)
    )
    """,
    "COMMENT ON COLUMN retention_runs.counts IS 'rows (would be) removed, by class'",
    """
    CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('hotline.audit_retention', true) = 'on' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'insufficient_privilege';
    END
    $$
    """,
    """
    CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON audit_log
        FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()
    """,
)


def upgrade() -> None:
    """Makes the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
