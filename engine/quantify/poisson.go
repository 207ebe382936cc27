package quantify

import "math"

// largeMean is where inversion gives way to PTRS. Below it the same random number
// gives at least as many events when the mean grows, which keeps before-and-after
// comparisons free of noise. The linear search costs little beside the events.
const largeMean = 64

// poissonInverse is the number of events at the quantile u of the Poisson
// distribution. mean is below largeMean and p0 is exp(-mean).
func poissonInverse(u, mean, p0 float64) int {
	p, n := p0, 0
	for u >= p {
		u -= p
		n++
		p *= mean / float64(n)
		if p < 1e-18 && float64(n) > mean { // rounding: the rest of the tail is nothing
			break
		}
	}
	return n
}

// poisson draws a number of events for a mean that differs from year to year.
func poisson(s *stream, mean float64) int {
	if mean >= largeMean {
		return newPTRS(mean).sample(s)
	}
	u := s.float()
	if u < 1-mean { // exp(-mean) is above 1 - mean: most years end here
		return 0
	}
	return poissonInverse(u, mean, exp(-mean))
}

// ptrs is the transformed rejection with squeeze of Hörmann (1993), algorithm PTRS.
type ptrs struct{ mean, logMean, a, b, vr, alpha float64 }

func newPTRS(mean float64) ptrs {
	b := 0.931 + 2.53*math.Sqrt(mean)
	return ptrs{
		mean: mean, logMean: math.Log(mean),
		a: -0.059 + 0.02483*b, b: b,
		vr:    0.9277 - 3.6224/(b-2),
		alpha: 1.1239 + 1.1328/(b-3.4),
	}
}

func (p ptrs) sample(s *stream) int {
	for {
		u, v := s.float()-0.5, 1-s.float()
		us := 0.5 - math.Abs(u)
		k := math.Floor((2*p.a/us+p.b)*u + p.mean + 0.43)
		if us >= 0.07 && v <= p.vr {
			return int(k)
		}
		if k < 0 || us < 0.013 && v > us {
			continue
		}
		g, _ := math.Lgamma(k + 1)
		if math.Log(v*p.alpha/(p.a/(us*us)+p.b)) <= k*p.logMean-p.mean-g {
			return int(k)
		}
	}
}
