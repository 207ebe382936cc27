package quantify

import "math"

// compiled is a scenario made ready for simulation: no strings, no errors, no
// allocation for each year.
type compiled struct {
	key    uint64
	count  Count
	freq   dist
	p0     float64 // probability of a year without events, when the frequency is known
	big    ptrs    // for a known frequency of largeMean and more
	threat threat
	value  dist // AV; point 1 when the losses are given as forms
	losses []loss
	keep   float64 // product of the known effects on frequency
	scale  float64 // product of the known effects on loss
	varied []variedEffect
}

type loss struct {
	amount dist
	chance float64
}

type threat struct {
	byForce       bool
	vulnerability dist
	capability    dist
	difficulty    []dist
}

type variedEffect struct {
	key        uint64
	freq, loss dist
}

func (sc *Scenario) compile(seed uint64) compiled {
	c := compiled{key: keyOf(seed, "scenario "+sc.ID), count: sc.Count, freq: sc.frequencyDist(), keep: 1, scale: 1}
	c.compileCount()
	c.compileThreat(sc.Threat)
	c.compileLosses(sc)
	for _, e := range sc.Safeguards {
		c.addEffect(seed, e)
	}
	return c
}

func (c *compiled) compileCount() {
	switch {
	case !c.freq.fixed():
	case c.count == AtMostOnce:
		c.p0 = 1 - c.freq.a
	case c.freq.a >= largeMean:
		c.big = newPTRS(c.freq.a)
	default:
		c.p0 = math.Exp(-c.freq.a)
	}
}

func (c *compiled) compileThreat(t *Threat) {
	c.threat.vulnerability = dist{a: 1, likelihood: 1}
	switch {
	case t == nil:
	case len(t.Difficulty) == 0:
		c.threat.vulnerability = t.Vulnerability.compile(fraction)
	default:
		c.threat.byForce = true
		c.threat.capability = t.Capability.compile(fraction)
		for _, r := range t.Difficulty {
			c.threat.difficulty = append(c.threat.difficulty, r.compile(fraction))
		}
	}
}

func (c *compiled) compileLosses(sc *Scenario) {
	if len(sc.Losses) == 0 {
		c.value = sc.AssetValue.compile(amount)
		c.losses = []loss{{amount: sc.Exposure.compile(fraction), chance: 1}}
		return
	}
	c.value = dist{a: 1, likelihood: 1}
	for _, l := range sc.Losses {
		c.losses = append(c.losses, loss{amount: l.Amount.compile(amount), chance: l.chance()})
	}
}

func (c *compiled) addEffect(seed uint64, e Effect) {
	v := variedEffect{key: keyOf(seed, "safeguard "+e.ID), freq: e.OnFrequency.compile(fraction), loss: e.OnLoss.compile(fraction)}
	if v.freq.fixed() && v.loss.fixed() {
		c.keep *= 1 - v.freq.a
		c.scale *= 1 - v.loss.a
		return
	}
	c.varied = append(c.varied, v)
}

// tally counts what happened.
type tally struct{ attempts, events int64 }

// fill simulates the years from first on, one for each element of out.
func (c *compiled) fill(out []float64, first int) (t tally) {
	for i := range out {
		w := word(c.key, first+i)
		n := c.events(w)
		if n == 0 {
			out[i] = 0
			continue
		}
		t.attempts += int64(n)
		out[i] = c.year(w, first+i, n, &t)
	}
	return t
}

// events is the number of attempts in the year with the random word w.
func (c *compiled) events(w uint64) int {
	if !c.freq.fixed() {
		return c.variedEvents(w)
	}
	u := unit(w)
	switch {
	case c.count == Rounded:
		return roundEvents(c.freq.a)
	case c.big.mean > 0:
		s := fork(w, -1)
		return c.big.sample(&s)
	case u < c.p0:
		return 0
	case c.count == AtMostOnce:
		return 1
	default:
		return poissonInverse(u, c.freq.a, c.p0)
	}
}

func (c *compiled) variedEvents(w uint64) int {
	s := fork(w, -1)
	mean := min(c.freq.sample(&s), maxEvents)
	switch c.count {
	case Rounded:
		return roundEvents(mean)
	case AtMostOnce:
		if s.float() < 1-mean {
			return 0
		}
		return 1
	default:
		return poisson(&s, mean)
	}
}

// year is the loss of a year with n attempts. Each event has a stream of its own:
// one that a safeguard prevents changes nothing for the others, so that the same
// years can be compared with and without the safeguard.
func (c *compiled) year(w uint64, year, n int, t *tally) float64 {
	s := fork(w, 0)
	value := c.value.sample(&s)
	keep, scale := c.keep*c.threat.vulnerability.sample(&s), c.scale
	for i := range c.varied {
		v := &c.varied[i]
		s := fork(word(v.key, year), 0)
		keep *= 1 - v.freq.sample(&s)
		s = fork(word(v.key, year), 1)
		scale *= 1 - v.loss.sample(&s)
	}
	sum := 0.0
	for i := range n {
		s := fork(w, i+1)
		if s.float() >= keep || c.threat.byForce && !c.threat.succeeds(&s) {
			continue
		}
		t.events++
		sum += c.eventLoss(&s)
	}
	return sum * value * scale
}

func (c *compiled) eventLoss(s *stream) float64 {
	sum := 0.0
	for i := range c.losses {
		l := &c.losses[i]
		if l.chance < 1 && s.float() >= l.chance {
			continue
		}
		sum += l.amount.sample(s)
	}
	return sum
}

func (t *threat) succeeds(s *stream) bool {
	capability := t.capability.sample(s)
	sum := 0.0
	for i := range t.difficulty {
		sum += t.difficulty[i].sample(s)
	}
	return capability*float64(len(t.difficulty)) > sum
}
