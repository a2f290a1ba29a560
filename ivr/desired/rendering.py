"""Renders a plan for this node, from the site's settings, secrets and Asterisk as they are at that moment."""

from collections.abc import Callable, Mapping
from pathlib import Path

from asterisk_conf.binary import AsteriskError, read_binary
from asterisk_conf.conf_text import ConfTextError
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import InstanceSecrets, SecretsError, ensure_secrets
from asterisk_conf.render import RenderError, render
from asterisk_conf.site import SiteError, read_site
from ivr.desired.errors import TakeDelayedError, TakeRefusedError
from routing.plan import OperatorId, Plan

Rendered = Mapping[str, str]
RenderPlan = Callable[[Plan], Rendered]


class NodeRenderer:
    """Gives the texts of Asterisk's files for a plan."""

    def __init__(self, paths: InstancePaths, *, secrets_file: Path, test_clock: bool) -> None:
        self._paths = paths
        self._secrets_file = secrets_file
        self._test_clock = test_clock

    def render(self, plan: Plan) -> Rendered:
        """Gives every file's text by name; operators who are new get passwords.

        Raises:
            TakeRefusedError: Plan, site, secrets and Asterisk do not fit together.
            TakeDelayedError: New passwords cannot be written.
        """
        try:
            site = read_site(self._paths.site_file).model_copy(update={"test_clock": self._test_clock})
            binary = read_binary(self._paths.binary_file)
            return render(plan, site, self._secrets(plan), self._paths, binary)
        except (SiteError, SecretsError, AsteriskError, RenderError, ConfTextError) as error:
            raise TakeRefusedError(f"plan {plan.version} cannot be rendered: {error}") from error

    def _secrets(self, plan: Plan) -> InstanceSecrets:
        operators: list[OperatorId] = list(plan.operators)
        try:
            return ensure_secrets(self._secrets_file, operators)
        except OSError as error:
            raise TakeDelayedError(f"passwords of new operators cannot be written: {error}") from error
