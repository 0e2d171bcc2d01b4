"""What exists at Pinterest: apps, accounts, boards, sections, Pins and the grants between them."""
