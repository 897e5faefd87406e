"""We as an LTI 1.3 Advantage tool, in the order of a launch: login, launch, session; then the services of the platform."""
