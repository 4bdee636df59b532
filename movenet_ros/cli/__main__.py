"""`python -m movenet_ros.cli`: the `movenet` command."""
import sys

from movenet_ros.cli import main

sys.exit(main())
