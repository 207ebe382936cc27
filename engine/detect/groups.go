package detect

import "hash/maphash"

// group finds or makes the group of the values, and moves it to the front of the list.
func (c *Correlator) group(s *state, values []string) int32 {
	key := c.hash(values)
	id, known := s.groups[key]
	if known {
		s.unlink(id)
		s.link(id)
		return id
	}
	if n := len(s.free); n > 0 {
		id, s.free = s.free[n-1], s.free[:n-1]
	} else {
		id = int32(len(s.slab))
		s.slab = append(s.slab, group{})
	}
	s.slab[id] = group{key: key}
	if s.c.closing() {
		s.slab[id].values = values
	}
	s.groups[key] = id
	s.link(id)
	return id
}

// hash names a list of values by 128 bits with a secret seed, so that nobody can make
// two groups the same. Case does not tell, as in rules.
func (c *Correlator) hash(values []string) groupKey {
	c.buffer = c.buffer[:0]
	for _, v := range values {
		c.buffer = append(foldAppend(c.buffer, []byte(v)), 0xff) // no byte of UTF-8
	}
	return groupKey{maphash.Bytes(c.seed[0], c.buffer), maphash.Bytes(c.seed[1], c.buffer)}
}

func (s *state) link(id int32) {
	g := &s.slab[id]
	g.prev, g.next = -1, s.newest
	if s.newest >= 0 {
		s.slab[s.newest].prev = id
	}
	s.newest = id
	if s.oldest < 0 {
		s.oldest = id
	}
}

func (s *state) unlink(id int32) {
	g := &s.slab[id]
	if g.prev >= 0 {
		s.slab[g.prev].next = g.next
	} else {
		s.newest = g.next
	}
	if g.next >= 0 {
		s.slab[g.next].prev = g.prev
	} else {
		s.oldest = g.prev
	}
}

// remove gives a group up.
func (c *Correlator) remove(s *state, id int32) {
	s.unlink(id)
	c.stats.Entries -= len(s.slab[id].entries)
	delete(s.groups, s.slab[id].key)
	s.slab[id] = group{}
	s.free = append(s.free, id)
}

// tidy gives up groups whose time is over, and the least used ones where there are too
// many.
func (c *Correlator) tidy(s *state, horizon int64) {
	for s.oldest >= 0 && s.oldest != s.newest && s.slab[s.oldest].over(horizon) {
		c.remove(s, s.oldest)
	}
	for c.groups() > c.limits.Groups || c.stats.Entries > c.limits.Entries {
		largest := s
		for _, o := range c.states {
			if len(o.groups) > len(largest.groups) {
				largest = o
			}
		}
		if largest.oldest < 0 {
			return
		}
		c.remove(largest, largest.oldest)
		c.stats.Evicted++
	}
}

// over says whether nothing in the group matters any more.
func (g *group) over(horizon int64) bool {
	if g.deadline != 0 || len(g.entries) > 0 && g.entries[len(g.entries)-1].at >= horizon {
		return false
	}
	return len(g.told) == 0 || g.told[len(g.told)-1].to < horizon
}

func (c *Correlator) groups() int {
	n := 0
	for _, s := range c.states {
		n += len(s.groups)
	}
	return n
}
