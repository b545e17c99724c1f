"""Where the program starts: settings, wiring, processes, the web and the command line."""
