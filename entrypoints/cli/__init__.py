"""The command line, one file a noun. What a command needs is loaded when it is called."""
