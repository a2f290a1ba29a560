"""Runs a program that the kernel ends when the process that started it ends, even by `kill -9`.

Run as a file (`python -S -E bound_child.py PARENT_PID SIGNAL program …`): it asks the kernel for the signal and becomes
the program. Standard library only, so that it starts in a few milliseconds.

Why not `preexec_fn`: it runs Python between fork and exec, which is unsafe beside threads.
Source: prctl(2), PR_SET_PDEATHSIG; it survives execve of programs that are not set-user-id.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
ARGUMENTS = 4


def bound_argv(argv: Sequence[str], death_signal: signal.Signals = signal.SIGKILL) -> tuple[str, ...]:
    """Gives the argv that runs `argv` bound to the life of this process."""
    return (sys.executable, "-S", "-E", __file__, str(os.getpid()), str(death_signal.value), *argv)


def main(arguments: Sequence[str]) -> None:
    """Becomes the program of `arguments`, or ends when the parent is gone already."""
    if len(arguments) < ARGUMENTS:
        sys.exit("usage: bound_child.py PARENT_PID SIGNAL PROGRAM [ARGUMENT…]")
    parent, death_signal, program = int(arguments[1]), int(arguments[2]), arguments[3]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, death_signal) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        sys.exit("the process that started us is gone")
    os.execvp(program, list(arguments[3:]))  # noqa: S606  the whole point: become the program, without a shell


if __name__ == "__main__":
    main(sys.argv)
