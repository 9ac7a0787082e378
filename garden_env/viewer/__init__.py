"""The window: it draws a `ViewState` and says what a hand wants as `Command`s; it knows no agent."""
