import TalonMetrics
import TalonPlatform

// What metrics cost: Talon's half of the comparison that Tests/Benchmarks/metrics.py makes.
// usage: metric-benchmark instruments FOLDER | scrapes FOLDER

let words = ThisProcess.arguments
switch (words.dropFirst().first, words.count) {
case ("instruments", 3): measureInstruments(words[2])
case ("scrapes", 3): try serveScrapes(words[2])
default:
    print("usage: metric-benchmark instruments FOLDER | scrapes FOLDER")
    ThisProcess.exit(2)
}
