"""What Signalman knows about trading: values and decisions, without I/O or clock."""
