"""How Asterisk is started, and how its console is asked. Gives commands; starts nothing itself.

A root folder's Asterisk runs in a mount namespace of its own: the instance folder stands there at the same absolute
path, instances that share the root folder do not see each other's mounts, and even after `kill -9` none is left.
"""

import os
from pathlib import Path

from asterisk_conf.binary import DOCUMENTATION, AsteriskBinary, AsteriskError
from asterisk_conf.instance import InstancePaths

SOCKET_FILE = "asterisk.ctl"
SOCKET_LIMIT_BYTES = 107
"""Source: unix(7), sun_path holds 108 bytes with the ending NUL."""

LINK_SCRIPT = """set -eu
umask 027
ln -sfn "$1" "$2"
shift 2
exec "$@"
"""
"""Why the link: Asterisk wants its XML documentation in its data folder, and ours holds the prompts.
Why the umask: evidence holds callers' numbers, so nobody else may read it.
"""
ROOT_SCRIPT = r"""set -eu
root=$1 instance=$2 run=$3
shift 3
mkdir -p "$root$instance"
touch "$root/etc/hosts" "$root/etc/resolv.conf"
hosts="$run/hosts.$$"
{ cat /etc/hosts 2>/dev/null || true; printf '127.0.0.1 localhost %s\n' "$(uname -n)"; } >"$hosts"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$hosts" "$root/etc/hosts"
rm "$hosts"
if [ -e /etc/resolv.conf ]; then mount --bind /etc/resolv.conf "$root/etc/resolv.conf"; fi
mount --bind "$instance" "$root$instance"
exec chroot "$root" "$@"
"""
"""Every step is `exec`: a signal to the process that was started reaches Asterisk itself.

Why /etc/hosts: Asterisk asks for the address of its own host's name, and complains where nobody knows it.
"""


def launch_argv(binary: AsteriskBinary, paths: InstancePaths) -> tuple[str, ...]:
    """Gives the command that runs Asterisk in the foreground; the process that it starts is Asterisk.

    Raises:
        AsteriskError: The control socket's path would be too long, or a root folder is to be used without root.
    """
    check_socket_path(paths)
    if binary.root is not None and os.geteuid() != 0:
        raise AsteriskError("Asterisk in a root folder needs root: run with sudo")
    documentation = (str(binary.data_dir / DOCUMENTATION), str(paths.data / DOCUMENTATION))
    asterisk = (str(binary.executable), "-f", "-n", "-C", str(paths.etc / "asterisk.conf"))
    linked = ("/bin/sh", "-c", LINK_SCRIPT, "asterisk", *documentation, *asterisk)
    return _around(binary, paths, linked)


def console_argv(binary: AsteriskBinary, paths: InstancePaths, command: str) -> tuple[str, ...]:
    """Gives the command that has the running Asterisk of an instance carry out one console command."""
    asterisk = (str(binary.executable), "-C", str(paths.etc / "asterisk.conf"), "-rx", command)
    return _around(binary, paths, asterisk)


def socket_path(paths: InstancePaths) -> Path:
    """Gives the control socket of an instance's Asterisk; it is there while Asterisk runs."""
    return paths.asterisk_run / SOCKET_FILE


def check_socket_path(paths: InstancePaths) -> None:
    """Sees that the control socket can be made.

    Raises:
        AsteriskError: The instance's folder has too long a name.
    """
    length = len(os.fsencode(socket_path(paths)))
    if length > SOCKET_LIMIT_BYTES:
        raise AsteriskError(
            f"{paths.root}: too long a path: the control socket's takes {length} bytes and {SOCKET_LIMIT_BYTES} are "
            "possible: choose a shorter one with --instance"
        )


def _around(binary: AsteriskBinary, paths: InstancePaths, argv: tuple[str, ...]) -> tuple[str, ...]:
    """Puts a command into the root folder, if there is one."""
    if binary.root is None:
        return argv
    namespace = ("unshare", "--mount", "--propagation", "private")
    folders = (str(binary.root), str(paths.root), str(paths.asterisk_run))
    return (*namespace, "/bin/sh", "-c", ROOT_SCRIPT, "asterisk", *folders, *argv)
