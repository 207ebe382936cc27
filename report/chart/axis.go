package chart

import (
	"math"
)

// A Scale says how a money axis runs.
type Scale uint8

// Auto takes Log when the figures span more than two orders of magnitude.
const (
	Auto Scale = iota
	Linear
	Log
)

// axis maps values to pixels.
type axis struct {
	min, max float64 // values
	from, to float64 // pixels
	log      bool
	step     float64 // between ticks of a linear axis; 0: as it comes
}

func (a axis) at(v float64) float64 {
	lo, hi := a.min, a.max
	if a.log {
		v, lo, hi = math.Log10(math.Max(v, a.min)), math.Log10(lo), math.Log10(hi)
	}
	if hi == lo {
		return a.from
	}
	share := math.Max(0, math.Min(1, (v-lo)/(hi-lo)))
	return a.from + share*(a.to-a.from)
}

// moneyAxis covers the values from..to with round ends. Values of zero or less
// have no place on a log axis; it then starts at the smallest positive value.
func moneyAxis(values []float64, scale Scale) axis {
	lo, hi := math.Inf(1), math.Inf(-1)
	positive := math.Inf(1)
	for _, v := range values {
		if !finite(v) {
			continue
		}
		lo, hi = math.Min(lo, v), math.Max(hi, v)
		if v > 0 {
			positive = math.Min(positive, v)
		}
	}
	if lo > hi {
		lo, hi = 0, 1
	}
	log := scale == Log || scale == Auto && finite(positive) && hi/positive > 100
	if log && finite(positive) && hi > 0 {
		a := axis{min: math.Pow(10, math.Floor(math.Log10(positive)+1e-9)), max: roundUpLog(hi), log: true}
		if a.max/a.min > 1e7 { // the far left holds nothing worth the room
			a.min = a.max / 1e7
		}
		if a.max <= a.min {
			a.max = a.min * 10
		}
		return a
	}
	return linearAxis(math.Min(lo, 0), hi)
}

// roundUpLog is the next of 1, 2 or 5 times a power of ten.
func roundUpLog(v float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5, 10} {
		if v <= p*m*(1+1e-9) {
			return p * m
		}
	}
	return p * 10
}

// linearAxis covers lo to hi with ends on ticks.
func linearAxis(lo, hi float64) axis {
	if hi <= lo {
		hi = lo + 1
	}
	step := niceStep((hi - lo) / 5)
	return axis{min: math.Floor(lo/step+1e-9) * step, max: math.Ceil(hi/step-1e-9) * step, step: step}
}

// niceStep is the next of 1, 2, 2.5 or 5 times a power of ten.
func niceStep(v float64) float64 {
	if v <= 0 || !finite(v) {
		return 1
	}
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if v <= p*m*(1+1e-9) {
			return p * m
		}
	}
	return p * 10
}

// ticks are about n round values on the axis, its ends included where round.
func (a axis) ticks(n int) []float64 {
	if n < 2 {
		n = 2
	}
	if a.log {
		return a.logTicks(n)
	}
	step := a.step
	if step == 0 || (a.max-a.min)/step > float64(n)+2 {
		step = niceStep((a.max - a.min) / float64(n))
	}
	var out []float64
	for i := math.Ceil(a.min/step - 1e-9); i*step <= a.max+step*1e-6 && len(out) < 50; i++ {
		out = append(out, i*step+0) // not the negative zero
	}
	return out
}

func (a axis) logTicks(n int) []float64 {
	first, last := math.Log10(a.min), math.Log10(a.max)
	var out []float64
	if decades := last - first; decades <= float64(n)/3 {
		for e := math.Floor(first); e <= last; e++ {
			for _, m := range []float64{1, 2, 5} {
				if v := m * math.Pow(10, e); v >= a.min*(1-1e-9) && v <= a.max*(1+1e-9) {
					out = append(out, v)
				}
			}
		}
		return out
	}
	step := math.Max(1, math.Ceil((last-first)/float64(n)))
	for e := math.Ceil(first - 1e-9); e <= last+1e-9; e += step {
		out = append(out, math.Pow(10, e))
	}
	return out
}

// spaced leaves out labels that would touch the one before. Places are sorted.
func spaced(places, widths []float64, gap float64) []bool {
	keep := make([]bool, len(places))
	edge := math.Inf(-1)
	for i, p := range places {
		if p-widths[i]/2 >= edge+gap {
			keep[i] = true
			edge = p + widths[i]/2
		}
	}
	return keep
}

// bottom draws a horizontal axis with grid lines from top to base, and labels below.
func (d *Drawing) bottom(a axis, top, base float64, name func(float64) string) {
	ticks := a.ticks(int(math.Max(2, (a.to-a.from)/90)))
	places, widths, names := make([]float64, len(ticks)), make([]float64, len(ticks)), make([]string, len(ticks))
	for i, v := range ticks {
		names[i] = name(v)
		widths[i] = small.width(names[i])
		places[i] = clamp(a.at(v), widths[i]/2, d.Width-widths[i]/2)
	}
	keep := spaced(places, widths, 8)
	for i, v := range ticks {
		x := a.at(v)
		d.line(x, top, x, base, paint{stroke: Grid, width: 1})
		if keep[i] {
			d.text(places[i], base+16, small.at(middle), names[i])
		}
	}
	d.line(a.from, base, a.to, base, paint{stroke: Axis, width: 1})
}

// left draws a vertical axis: grid lines across, labels left of a.from of x.
func (d *Drawing) left(a axis, x1, x2 float64, n int, name func(float64) string) {
	for _, v := range a.ticks(n) {
		y := a.at(v)
		d.line(x1, y, x2, y, paint{stroke: Grid, width: 1})
		d.text(x1-8, y+4, small.at(end), name(v))
	}
}

func clamp(v, lo, hi float64) float64 { return math.Max(lo, math.Min(hi, v)) }

// legendItem is a name with a sample of how it is drawn.
type legendItem struct {
	name   string
	paint  paint
	square bool // a filled square rather than a piece of line
}

// legend sets items side by side, in as many rows as needed, and returns the
// height taken.
func (d *Drawing) legend(x, y, width float64, items []legendItem) float64 {
	const sample, gap, row = 22, 18, 20
	cx, cy := x, y
	for _, it := range items {
		name := label.fit(it.name, width-sample-6)
		w := sample + 6 + label.width(name)
		if cx > x && cx+w > x+width {
			cx, cy = x, cy+row
		}
		if it.square {
			d.rect(cx+5, cy+2, 12, 12, 2, it.paint)
		} else {
			d.line(cx+1, cy+8, cx+sample-1, cy+8, it.paint)
		}
		d.text(cx+sample+6, cy+12, label, name)
		cx += w + gap
	}
	if len(items) == 0 {
		return 0
	}
	return cy - y + row
}
