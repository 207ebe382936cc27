package quantify

import "math"

// dist is a range made ready for sampling. It is small and has no pointers, so
// that a scenario's inputs lie together in the cache.
type dist struct {
	law        law
	a, b       float64 // point: a; lognormal, logit-normal: mu, sigma; others: low, width
	mode       float64 // triangular: position of the mode in [0,1]
	ga, gb     gamma   // PERT: beta as the ratio of two gammas
	likelihood float64 // mean, computed once
}

type law uint8

const (
	lawPoint law = iota
	lawLogNormal
	lawLogitNormal
	lawPERT
	lawTriangular
	lawUniform
)

// edge is how near to 0 or 1 the ends of a 90 % interval of a share are read:
// the logit of 0 and of 1 does not exist.
const edge = 1e-3

// compile turns a valid range into its distribution.
func (r Range) compile(d domain) dist {
	width := r.High - r.Low
	switch r.shape() {
	case Point:
		return dist{law: lawPoint, a: r.value(), likelihood: r.value()}
	case Interval90:
		if d == fraction {
			return logitNormal(r.Low, r.High)
		}
		mu, sigma := LogNormal(r.Low, r.High)
		return dist{law: lawLogNormal, a: mu, b: sigma, likelihood: math.Exp(mu + sigma*sigma/2)}
	case PERT:
		w := r.Weight
		if w == 0 {
			w = 4
		}
		alpha, beta := 1+w*(r.Likely-r.Low)/width, 1+w*(r.High-r.Likely)/width
		return dist{law: lawPERT, a: r.Low, b: width, ga: newGamma(alpha), gb: newGamma(beta),
			likelihood: (r.Low + w*r.Likely + r.High) / (w + 2)}
	case Triangular:
		return dist{law: lawTriangular, a: r.Low, b: width, mode: (r.Likely - r.Low) / width,
			likelihood: (r.Low + r.Likely + r.High) / 3}
	default:
		return dist{law: lawUniform, a: r.Low, b: width, likelihood: r.Low + width/2}
	}
}

// LogNormal gives mu and sigma of the lognormal distribution whose 5th and 95th
// percentiles are low and high (both above 0).
func LogNormal(low, high float64) (mu, sigma float64) {
	l, h := math.Log(low), math.Log(high)
	return (l + h) / 2, (h - l) / (2 * z90)
}

func logitNormal(low, high float64) dist {
	l, h := logit(max(low, edge)), logit(min(high, 1-edge))
	d := dist{law: lawLogitNormal, a: (l + h) / 2, b: math.Abs(h-l) / (2 * z90)}
	d.likelihood = d.logitMean()
	return d
}

func logit(p float64) float64  { return math.Log(p / (1 - p)) }
func expit(x float64) float64  { return 1 / (1 + exp(-x)) }
func normal(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

// logitMean integrates by the trapezium rule, which converges geometrically for
// a smooth function that vanishes at both ends.
func (d dist) logitMean() float64 {
	const step = 1.0 / 16
	sum := 0.0
	for i := -160; i <= 160; i++ {
		x := float64(i) * step
		sum += expit(d.a+d.b*x) * normal(x)
	}
	return sum * step
}

// mean is the expected value.
func (d *dist) mean() float64 { return d.likelihood }

// fixed tells whether the value is known.
func (d *dist) fixed() bool { return d.law == lawPoint }

// sample draws a value. The point comes first: it is by far the most frequent.
func (d *dist) sample(s *stream) float64 {
	switch d.law {
	case lawPoint:
		return d.a
	case lawLogNormal:
		return exp(d.a + d.b*s.normal())
	case lawPERT:
		x := d.ga.sample(s)
		return d.a + d.b*(x/(x+d.gb.sample(s)))
	case lawLogitNormal:
		return expit(d.a + d.b*s.normal())
	case lawTriangular:
		return d.a + d.b*triangular(s.float(), d.mode)
	default:
		return d.a + d.b*s.float()
	}
}

func triangular(u, mode float64) float64 {
	if u < mode {
		return math.Sqrt(u * mode)
	}
	return 1 - math.Sqrt((1-u)*(1-mode))
}
