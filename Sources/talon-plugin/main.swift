import TalonPlatform

// What this program is: `talon plugin ...`, or the plugin inspector of a master. See docs/architecture.md, "Processes".

ThisProcess.exit(2)
