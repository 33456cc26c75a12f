#!/bin/sh
# EDITOR_STEP_COMMAND=/path/to/gmsh.sh: STEP by Gmsh (Debian: apt-get install gmsh), a program of its own under the GPL
# that is no part of this one. It is called with the STEP file and the binary STL to write, in millimetres.
exec gmsh "$1" -2 -format stl -bin -clcurv 48 -nopopup -v 1 -o "$2"
