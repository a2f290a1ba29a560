"""A telephone behind a trunk, played by SIPp by a scenario of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def running_phone(folder: Path, scenario: str, *, address: str, port: int, calls: int) -> AsyncIterator[None]:
    """Keeps the telephone ready; at the end of the block exactly `calls` calls must have gone as the scenario says."""
    file = folder / "scenario.xml"
    await asyncio.to_thread(file.write_text, scenario, "utf-8")
    argv = ("sipp", "-sf", str(file), "-i", address, "-p", str(port), "-mi", address, "-m", str(calls), "-nostdin")
    with (folder / "output.log").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *argv, "-trace_err", "-error_file", str(folder / "errors.log"), stdout=output, stderr=output, cwd=folder
        )
    try:
        yield
        assert await asyncio.wait_for(process.wait(), 30) == 0, _told(folder)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _told(folder: Path) -> str:
    paths = (folder / "errors.log", folder / "output.log")
    return "\n".join(path.read_text("utf-8", "replace")[-3_000:] for path in paths if path.exists())
