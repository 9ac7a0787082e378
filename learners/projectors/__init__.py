"""What bends a gradient or a finished change of the weights, one idea a file."""
