"""The ground floor: settings, clock, database, errors, jobs, files and the web edge that all rooms stand on."""
