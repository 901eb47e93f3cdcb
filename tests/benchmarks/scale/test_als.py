import subprocess
import sys

from benchmarks.scale.als import tree_cpu_s

BURN = "import time; end = time.process_time() + 1\nwhile time.process_time() < end: pass\n"


def test_the_cpu_of_a_tree_has_that_of_children_running_and_ended():
    before = tree_cpu_s()
    subprocess.run([sys.executable, "-c", BURN], check=True)
    assert tree_cpu_s() >= before + 1
    code = BURN + "print('done', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert tree_cpu_s() >= before + 2
        child.communicate(b"\n")
