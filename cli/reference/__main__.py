"""`python -m cli.reference`: write every page of docs that is made from the code."""

from cli.reference.pages import reference_pages


def main() -> None:
    """Write each page where its text has changed, and say so."""
    for path, text in reference_pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
