import subprocess
import sys
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from infra.layers import SIZE_LIMIT_BYTES, LayerBuildError, Target, build_functions, build_layers
from infra.local.emulator import RUNTIME_PACKAGES, lambda_python
from infra.python_runtime import LAMBDA_PYTHON, LambdaPythonMissing, find_lambda_python

pytestmark = pytest.mark.xdist_group("layers")


AMAZON_LINUX_2023 = (2, 34)
AMAZON_LINUX_2 = (2, 26)


def layers_for_aws() -> dict[str, Path]:
    """As they are deployed, or without byte code on a machine that lacks Lambda's Python."""
    return build_layers(Target.AWS, byte_code=find_lambda_python() is not None)


@pytest.fixture(scope="module", params=list(Target))
def layers(request: pytest.FixtureRequest) -> dict[str, Path]:
    return layers_for_aws() if request.param is Target.AWS else build_layers(request.param)


@pytest.fixture(scope="module")
def local_layers() -> dict[str, Path]:
    return build_layers(Target.LOCAL)


def run_isolated(code: str, layers: list[Path], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run `code` as the embedded AWS runs a function: the standard library and these layers, nothing else."""
    code = f"import sys; sys.path[:0] = {[str(layer / 'python') for layer in layers]}\n{code}"
    command = [str(lambda_python(tmp_path)), "-c", code]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "module", ["httpx", "pydantic", "pynamodb.models", "aws_lambda_powertools", "zoneinfo", "boto3"]
)
def test_every_function_finds_what_handlers_import(module: str, local_layers: dict[str, Path], tmp_path: Path) -> None:
    done = run_isolated(f"import {module}", [local_layers["dependencies"], local_layers["core"]], tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ["pyvips", "pi_heif"])
def test_imaging_is_found_with_its_own_layer_and_only_then(
    module: str, local_layers: dict[str, Path], tmp_path: Path
) -> None:
    common = [local_layers["dependencies"], local_layers["core"]]
    assert run_isolated(f"import {module}", [*common, local_layers["imaging"]], tmp_path).returncode == 0
    assert "ModuleNotFoundError" in run_isolated(f"import {module}", common, tmp_path / "again").stderr


def test_layers_take_pictures_apart_with_the_libvips_they_carry(local_layers: dict[str, Path], tmp_path: Path) -> None:
    code = "import pyvips; print(pyvips.API_mode, pyvips.Image.black(8, 8).jpegsave_buffer()[:2].hex())"
    assert run_isolated(code, [local_layers["imaging"]], tmp_path).stdout.split() == ["True", "ffd8"]


def test_core_layer_is_our_package_without_the_console(layers: dict[str, Path]) -> None:
    package = layers["core"] / "python" / "shutterpost"
    assert (package / "flows").is_dir()
    assert not (package / "console").exists()
    assert [path.name for path in (layers["core"] / "python").iterdir()] == ["shutterpost"]


def test_layers_leave_the_tools_of_this_machine_out(layers: dict[str, Path]) -> None:
    shipped = {path.name for layer in layers.values() for path in (layer / "python").iterdir()}
    assert shipped.isdisjoint({"typer", "rich", "aws_cdk", "ministack", "moto", "bin"})


def test_layers_hold_every_package_of_the_runtime(layers: dict[str, Path]) -> None:
    # A layer comes before the runtime's own packages on Lambda's path.
    shipped = {path.name.removesuffix(".py") for path in (layers["dependencies"] / "python").iterdir()}
    assert set(RUNTIME_PACKAGES) <= shipped


@pytest.mark.parametrize("module", RUNTIME_PACKAGES)
def test_the_sdk_is_the_layer_s_and_never_the_runtime_s(
    module: str, local_layers: dict[str, Path], tmp_path: Path
) -> None:
    done = run_isolated(f"import {module}; print({module}.__file__)", [local_layers["dependencies"]], tmp_path)
    assert done.stdout.startswith(str(local_layers["dependencies"])), done.stderr
    alone = run_isolated(f"import {module}", [local_layers["core"]], tmp_path)
    assert f"{module} of the runtime was imported" in alone.stderr


def test_layers_together_stay_under_the_limit_of_lambda(layers: dict[str, Path]) -> None:
    size = sum(path.stat().st_size for layer in layers.values() for path in layer.rglob("*") if path.is_file())
    assert 10_000_000 < size < SIZE_LIMIT_BYTES


def test_layers_for_aws_hold_compiled_code_for_arm64_alone() -> None:
    compiled = [path for layer in layers_for_aws().values() for path in layer.rglob("*.so*")]
    machines = {int.from_bytes(path.read_bytes()[18:20], "little") for path in compiled}
    elf_aarch64 = 183
    assert machines == {elf_aarch64}


def test_layers_are_kept_until_a_source_changes(tmp_path: Path) -> None:
    root = sources(tmp_path)
    built = build_layers(Target.LOCAL, root=root)
    kept = {name: (layer / "python").stat().st_ctime_ns for name, layer in built.items()}
    (root / "layers/core/python/shutterpost/new.py").write_text("ANSWER = 42\n")
    again = build_layers(Target.LOCAL, root=root)
    changed = {name for name, layer in again.items() if (layer / "python").stat().st_ctime_ns != kept[name]}
    assert changed == {"core"}
    assert (again["core"] / "python/shutterpost/new.py").exists()


def test_functions_are_built_again_when_a_source_changes(tmp_path: Path) -> None:
    handler = tmp_path / "functions/greet/handler.py"
    handler.parent.mkdir(parents=True)
    for greeting in ("'hello'", "'good morning'"):
        handler.write_text(f"print({greeting})\n")
        built = build_functions(Target.LOCAL, root=tmp_path)
        done = subprocess.run(
            [sys.executable, "-m", "greet.handler"], cwd=built, capture_output=True, text=True, check=True
        )
        assert repr(done.stdout.strip()) == greeting


def test_a_wheel_that_differs_from_the_lock_is_refused_and_built_afresh_later(tmp_path: Path) -> None:
    root = sources(tmp_path)
    lock = root / "requirements-core.txt"
    honest = lock.read_text()
    lock.write_text("h11==0.16.0 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(LayerBuildError, match=r"requirements-core\.txt"):
        build_layers(Target.LOCAL, root=root)
    lock.write_text(honest)
    assert (build_layers(Target.LOCAL, root=root)["dependencies"] / "python/h11").is_dir()


def sources(tmp_path: Path) -> Path:
    """A small project of its own with one locked package per layer."""
    locked = {"requirements-core.txt": "h11", "requirements-imaging.txt": "pycparser"}
    for lock, name in locked.items():
        (tmp_path / lock).write_text(locked_lines(Path(lock), name))
    package = tmp_path / "layers/core/python/shutterpost"
    (package / "flows").mkdir(parents=True)
    (package / "__init__.py").touch()
    return tmp_path


def locked_lines(lock: Path, package: str) -> str:
    """The lines of one package in one of the real locks."""
    lines = (Path(__file__).parents[2] / lock).read_text().splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(f"{package}=="))
    end = next(index for index in range(start, len(lines)) if not lines[index].endswith("\\"))
    return "\n".join(lines[start : end + 1]) + "\n"


def glibc_needed(binary: Path) -> tuple[int, int]:
    """The highest version of glibc's symbols that an ELF file binds to; (0, 0) for none."""
    with binary.open("rb") as file:
        sections = [
            iter_section
            for iter_section in ELFFile(file).iter_sections()
            if isinstance(iter_section, GNUVerNeedSection)
        ]
        names = [needed.name for section in sections for _, needs in section.iter_versions() for needed in needs]
    versions = [name.removeprefix("GLIBC_").split(".") for name in names if name.startswith("GLIBC_2")]
    return max(((int(version[0]), int(version[1])) for version in versions), default=(0, 0))


def test_the_binaries_run_on_the_glibc_of_lambda_s_system() -> None:
    binaries = [path for layer in layers_for_aws().values() for path in layer.rglob("*") if is_elf(path)]
    needed = {path.name: glibc_needed(path) for path in binaries}
    assert {name: version for name, version in needed.items() if version > AMAZON_LINUX_2023} == {}
    # The older system of python3.11 and earlier could not load them, which shows that the reader works.
    assert max(needed.values()) > AMAZON_LINUX_2


def is_elf(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def byte_code_of(layer: Path) -> set[str]:
    """The kinds of byte code of a layer's modules: the Python they are for, and how they are checked."""
    files = list(layer.rglob("*.pyc"))
    assert len(files) == len(list(layer.rglob("*.py"))) > 0
    return {f"{path.name.split('.')[-2]} {int.from_bytes(path.read_bytes()[4:8], 'little')}" for path in files}


UNCHECKED = 1


def test_byte_code_is_used_although_unpacking_changes_file_times(local_layers: dict[str, Path]) -> None:
    kinds = [byte_code_of(folder) for folder in (*local_layers.values(), build_functions(Target.LOCAL))]
    assert kinds == [{f"{sys.implementation.cache_tag} {UNCHECKED}"}] * 4


@pytest.mark.skipif(find_lambda_python() is None, reason=f"There is no Python {LAMBDA_PYTHON} here to compile with")
def test_what_is_deployed_holds_the_byte_code_of_lambda_s_python() -> None:
    kinds = [byte_code_of(folder) for folder in (*build_layers(Target.AWS).values(), build_functions(Target.AWS))]
    assert kinds == [{f"cpython-{LAMBDA_PYTHON.replace('.', '')} {UNCHECKED}"}] * 4


def test_a_deploy_without_lambda_s_python_names_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 11, 0))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    with pytest.raises(
        LambdaPythonMissing, match=rf"(?s)run on Python {LAMBDA_PYTHON}.*Install Python {LAMBDA_PYTHON}"
    ):
        build_layers(Target.AWS, root=tmp_path)
