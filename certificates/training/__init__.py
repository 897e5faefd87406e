"""The register of training: who was trained in what, for how many hours, with which document, by whom, and who paid."""
