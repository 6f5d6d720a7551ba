"""The tests: one file for each file of core/ and pages/, under the same name."""
