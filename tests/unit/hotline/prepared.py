"""A prepared line for tests that start no Asterisk."""

from pathlib import Path

from pydantic import SecretStr

from asterisk_conf import state_files
from asterisk_conf.binary import AsteriskBinary, AsteriskVersion
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import ensure_secrets
from asterisk_conf.site import SiteSettings
from hotline.line import PreparedLine
from routing.plan import Plan


def prepared_line(
    paths: InstancePaths, plan: Plan, *, site: SiteSettings | None = None, database: SecretStr | None = None
) -> PreparedLine:
    """A line whose node has `plan` in force."""
    state_files.write_snapshot(paths.state, plan)
    state_files.write_current(paths.state, plan.version)
    nowhere = Path("/nowhere")
    return PreparedLine(
        paths=paths,
        site=site or SiteSettings(),
        secrets=ensure_secrets(paths.secrets_file, plan.operators),
        plan=plan,
        binary=AsteriskBinary(
            root=None,
            version=AsteriskVersion(22, 10, 1),
            executable=nowhere,
            modules_dir=nowhere,
            data_dir=nowhere,
            python=nowhere,
        ),
        external_database=database,
        was_in_force=True,
    )
