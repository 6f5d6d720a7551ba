"""What a recognizer reads in a character, a line or a table of pictures, stroke by stroke, and
why.
"""
