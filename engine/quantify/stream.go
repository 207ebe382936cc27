package quantify

import (
	"math"
	"math/bits"
)

// stream is the PCG generator with 128 bits of state and the DXSM output, the
// same as math/rand/v2.PCG, here as a plain value so that it can be seeded anew
// for every simulated event at the price of a copy.
type stream struct{ hi, lo uint64 }

func (s *stream) next() uint64 {
	const (
		mulHi = 2549297995355413924
		mulLo = 4865540595714422341
		incHi = 6364136223846793005
		incLo = 1442695040888963407
		cheap = 0xda942042e4dd58b5
	)
	hi, lo := bits.Mul64(s.lo, mulLo)
	hi += s.hi*mulLo + s.lo*mulHi
	lo, c := bits.Add64(lo, incLo, 0)
	hi, _ = bits.Add64(hi, incHi, c)
	s.hi, s.lo = hi, lo
	hi ^= hi >> 32
	hi *= cheap
	hi ^= hi >> 48
	return hi * (lo | 1)
}

// float is uniform in [0,1) with 53 bits.
func (s *stream) float() float64 { return unit(s.next()) }

func unit(w uint64) float64 { return float64(w>>11) * 0x1p-53 }

// golden steps a counter through all 64-bit values (Steele et al., SplitMix64).
const golden = 0x9e3779b97f4a7c15

// mix is the finaliser of SplitMix64: it makes neighbouring counters unrelated.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// keyOf derives the key of a named stream (FNV-1a of the name, mixed with the
// seed). Streams hang on names, not on positions: adding a scenario to a
// portfolio leaves the figures of all others as they were.
func keyOf(seed uint64, name string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(name); i++ {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return mix(h ^ mix(seed+golden))
}

// word is the random word of a year in the stream of a key.
func word(key uint64, year int) uint64 { return mix(key + uint64(year+1)*golden) }

// fork is the i-th independent stream below a word.
func fork(w uint64, i int) stream {
	return stream{hi: w, lo: mix(w ^ (uint64(i)*golden + 0x5851f42d4c957f2d))}
}

// The ziggurat of Marsaglia and Tsang with 256 layers for the normal density,
// with all 53 bits of the mantissa independent of the layer (Doornik 2005).
const (
	zigLayers = 256
	zigR      = 3.6541528853610088 // where the tail begins
	zigV      = 0.00492867323399   // area of each layer
)

type ziggurat struct {
	width [zigLayers]float64 // what a mantissa in [0,1) is multiplied with
	fast  [zigLayers]float64 // mantissa below which the point is surely under the curve
	y     [zigLayers + 1]float64
}

var zig = newZiggurat()

func newZiggurat() *ziggurat {
	z := new(ziggurat)
	density := func(x float64) float64 { return math.Exp(-x * x / 2) }
	x := [zigLayers + 1]float64{zigV / density(zigR), zigR}
	for i := 2; i < zigLayers; i++ {
		x[i] = math.Sqrt(-2 * math.Log(zigV/x[i-1]+density(x[i-1])))
	}
	for i := range zigLayers {
		z.width[i] = x[i]
		z.fast[i] = x[i+1] / x[i]
		z.y[i] = density(x[i])
	}
	z.y[zigLayers] = 1
	return z
}

// normal draws from the standard normal distribution.
func (s *stream) normal() float64 {
	for {
		w := s.next()
		i := w & (zigLayers - 1)
		m := unit(w)
		x := m * zig.width[i]
		if m >= zig.fast[i] {
			ok := false
			if x, ok = s.normalEdge(int(i), x); !ok {
				continue
			}
		}
		return math.Float64frombits(math.Float64bits(x) | w<<55&(1<<63)) // bit 8 is the sign
	}
}

// normalEdge decides the one draw in a hundred that is not surely under the curve.
func (s *stream) normalEdge(i int, x float64) (float64, bool) {
	if i == 0 {
		return s.normalTail(), true
	}
	y := zig.y[i] + s.float()*(zig.y[i+1]-zig.y[i])
	return x, y < math.Exp(-x*x/2)
}

// normalTail draws beyond zigR (Marsaglia 1964).
func (s *stream) normalTail() float64 {
	for {
		x := -math.Log(1-s.float()) / zigR
		y := -math.Log(1 - s.float())
		if y+y >= x*x {
			return zigR + x
		}
	}
}

// gamma draws from the gamma distribution with shape of at least 1 and scale 1
// (Marsaglia and Tsang 2000).
type gamma struct{ d, c float64 }

func newGamma(shape float64) gamma {
	d := shape - 1.0/3
	return gamma{d: d, c: 1 / math.Sqrt(9*d)}
}

func (g gamma) sample(s *stream) float64 {
	for {
		x := s.normal()
		v := 1 + g.c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := 1 - s.float()
		x2 := x * x
		if u < 1-0.0331*x2*x2 || math.Log(u) < x2/2+g.d*(1-v+math.Log(v)) {
			return g.d * v
		}
	}
}
