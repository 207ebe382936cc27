package chart

import (
	"math"
	"strconv"
	"strings"

	"holdfast/report/font"
)

var symbols = map[string]string{"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "AUD": "A$", "CAD": "C$", "NZD": "NZ$", "BRL": "R$", "KRW": "₩", "ILS": "₪", "UAH": "₴", "PLN": "zł"}

// Money writes an amount in short: "£1.2m", "€450k", "CHF 3bn", "−£12". The
// currency is an ISO 4217 code; one without a sign of its own stands before the
// amount. What is not a number is a dash.
func Money(v float64, currency string) string {
	if math.IsNaN(v) {
		return "–"
	}
	sign := currencySign(currency)
	if v < 0 && Compact(v) != "0" {
		return "−" + sign + Compact(-v)
	}
	return sign + Compact(math.Abs(v))
}

// currencySign is the sign of a currency, or its code and a space. A code is three
// letters; what is longer than eight signs is no code and is cut.
func currencySign(code string) string {
	if sign := symbols[strings.ToUpper(code)]; sign != "" || code == "" {
		return sign
	}
	signs := []rune(font.OneLine(code))
	return string(signs[:min(len(signs), 8)]) + "\u00a0"
}

// Compact writes a number in short with two or three significant digits: "950",
// "1.2k", "45m", "3bn".
func Compact(v float64) string {
	if v < 0 {
		if s := Compact(-v); s != "0" {
			return "−" + s
		}
		return "0"
	}
	if !finite(v) {
		return "∞"
	}
	units := []string{"", "k", "m", "bn", "tn"}
	i := 0
	for v >= 999.5 && i < len(units)-1 {
		v /= 1000
		i++
	}
	if v >= 999.5 {
		return ">999tn"
	}
	return decimal(v) + units[i]
}

// decimal keeps one digit after the point below 100, where there is one to keep.
func decimal(v float64) string {
	digits := 0
	if v < 99.95 {
		digits = 1
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	return strings.TrimSuffix(s, ".0")
}

// Percent writes a share (1 is all) with as many digits as matter: "12 %", "0.5 %".
func Percent(share float64) string {
	if !finite(share) {
		return "–"
	}
	p := share * 100
	digits := 0
	switch {
	case p == 0 || p >= 10:
	case p >= 0.95:
		digits = 1
	case p >= 0.095:
		digits = 1
	default:
		digits = 2
	}
	s := strconv.FormatFloat(p, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s + "\u00a0%"
}
