"""One file of people, programs, classes and enrolments: read, gathered, compared with what is there, and written."""
