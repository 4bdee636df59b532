"""How fast it is: the networks, the chain around them, and the node over DDS.

Everything here is without ROS; what needs it is in `node`. All parts give the
same kind of result, see result.py, so that one command can print, write and draw them.
"""
