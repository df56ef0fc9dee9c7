/// A time of the Gregorian calendar, computed without the C library: no lock, no time zone file, no locale.
struct CivilTime {
    let year: Int
    /// 1...12.
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int
    /// 0 is Sunday.
    let weekday: Int

    /// The calendar time of these seconds since 1970-01-01, leap seconds not counted.
    init(unixSeconds: Int) {
        let (days, rest) = Self.divide(unixSeconds, 86400)
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
        weekday = Self.divide(days + 4, 7).rest
        // Years begin in March here, so that the leap day is the last of its year; eras have 400 years.
        let (era, dayOfEra) = Self.divide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The three letters of the month.
    var monthName: String {
        switch month {
        case 1: "Jan"
        case 2: "Feb"
        case 3: "Mar"
        case 4: "Apr"
        case 5: "May"
        case 6: "Jun"
        case 7: "Jul"
        case 8: "Aug"
        case 9: "Sep"
        case 10: "Oct"
        case 11: "Nov"
        default: "Dec"
        }
    }

    /// The three letters of the day of the week.
    var weekdayName: String {
        switch weekday {
        case 0: "Sun"
        case 1: "Mon"
        case 2: "Tue"
        case 3: "Wed"
        case 4: "Thu"
        case 5: "Fri"
        default: "Sat"
        }
    }

    private static func divide(_ value: Int, _ divisor: Int) -> (quotient: Int, rest: Int) {
        let rest = value % divisor
        return rest < 0 ? (value / divisor - 1, rest + divisor) : (value / divisor, rest)
    }
}
