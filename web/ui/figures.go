package ui

import (
	"math"
	"strconv"
)

// share formats done of total as whole per cent, never 100 before the end.
func share(done, total int) string {
	if total <= 0 {
		return ""
	}
	p := done * 100 / total
	return strconv.Itoa(min(max(p, 0), 100)) + " %"
}

// percent is value in per cent of limit as an SVG length, kept within the bar.
func percent(value, limit float64) string {
	if limit <= 0 || math.IsNaN(value) {
		return "0"
	}
	p := math.Min(math.Max(value/limit*100, 0), 100)
	return strconv.FormatFloat(p, 'f', 2, 64)
}
