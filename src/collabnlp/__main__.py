"""``python -m collabnlp``."""

from collabnlp.cli.main import main

if __name__ == "__main__":
    main()
