"""The program ``landmap``, also as ``python -m landmap``."""

import gc


def main() -> None:
    """Load and run the command line.

    Loading makes a million objects and drops none, so the collector only gets in the way; a server is ready a fifth
    sooner without it. What was loaded stays for good and is never looked through again.
    """
    gc.disable()
    from landmap.cli import main as run

    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
