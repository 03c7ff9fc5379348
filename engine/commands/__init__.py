"""The commands: a folder for each verb that users type, and what they share."""
