"""The web service that receives events from NewStore's Event Stream."""
