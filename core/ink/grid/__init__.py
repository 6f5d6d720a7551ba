"""Tables in pictures: where their rows and columns run, and what each cell holds."""
