package judge

// seen remembers recent ids in two generations: when the newer one is full or old, it
// becomes the older one, and what was older is forgotten. So an id is remembered for at
// least half of the memory.
type seen struct {
	newer, older generation
	// most is how many ids one generation holds, and for how long in milliseconds it is the newer.
	most  int
	lasts int64
	since int64
}

// generation is a set of ids with open addressing: eight bytes an id and as much again to
// keep it fast, and nothing for the garbage collector to look at. 0 is a free slot.
type generation struct {
	slots []uint64
	n     int
}

const fewestSlots = 1024

// turn begins a new generation where the newer one is full or old.
func (s *seen) turn(now int64) {
	if s.newer.n < s.most && now-s.since < s.lasts {
		return
	}
	s.newer, s.older, s.since = generation{}, s.newer, now
}

// add remembers an id, which is not 0; false when it is known already.
func (s *seen) add(id uint64) bool {
	if s.older.has(id) {
		return false
	}
	return s.newer.add(id)
}

// remove forgets an id that add took.
func (s *seen) remove(id uint64) { s.newer.remove(id) }

// held returns how many ids are remembered.
func (s *seen) held() int { return s.newer.n + s.older.n }

func (g *generation) has(id uint64) bool {
	if len(g.slots) == 0 {
		return false
	}
	_, found := g.place(id)
	return found
}

// place returns the slot of an id, or the free one where it belongs.
func (g *generation) place(id uint64) (int, bool) {
	mask := len(g.slots) - 1
	for i := int(id) & mask; ; i = (i + 1) & mask {
		switch g.slots[i] {
		case id:
			return i, true
		case 0:
			return i, false
		}
	}
}

func (g *generation) add(id uint64) bool {
	if 4*(g.n+1) > 3*len(g.slots) {
		g.grow()
	}
	i, found := g.place(id)
	if found {
		return false
	}
	g.slots[i] = id
	g.n++
	return true
}

func (g *generation) grow() {
	old := g.slots
	g.slots = make([]uint64, max(fewestSlots, 2*len(old)))
	for _, id := range old {
		if id != 0 {
			i, _ := g.place(id)
			g.slots[i] = id
		}
	}
}

// remove moves what follows into the gap, so that no search ends there too early. (Knuth, The Art
// of Computer Programming 3, 6.4, algorithm R)
func (g *generation) remove(id uint64) {
	if !g.has(id) {
		return
	}
	mask := len(g.slots) - 1
	gap, _ := g.place(id)
	g.slots[gap] = 0
	g.n--
	for i := (gap + 1) & mask; g.slots[i] != 0; i = (i + 1) & mask {
		home := int(g.slots[i]) & mask
		if (i-home)&mask >= (i-gap)&mask {
			g.slots[gap], g.slots[i] = g.slots[i], 0
			gap = i
		}
	}
}
