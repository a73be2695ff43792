package translog

// marks keeps a mark for each entry, in pages. Where all of a page are the same,
// as nearly all signatures of one petition are, it is kept once; where up to 256
// are different, a byte tells which. So millions take a byte each, or less, and
// none is copied when more come.
type marks struct {
	pages []*marksPage
	size  int64
}

const marksPerPage = 1 << 12

// marksPage has its marks in one of three ways: all are kinds[0], or each is
// kinds[which], or each stands for itself in each.
type marksPage struct {
	kinds []mark
	which []uint8
	each  []mark
}

func (m *marks) add(v mark) {
	at := m.size % marksPerPage
	if at == 0 {
		m.pages = append(m.pages, &marksPage{kinds: []mark{v}})
	}
	m.size++
	m.set(m.size-1, v)
}

func (m *marks) at(i int64) mark {
	p, at := m.pages[i/marksPerPage], i%marksPerPage
	switch {
	case p.each != nil:
		return p.each[at]
	case p.which != nil:
		return p.kinds[p.which[at]]
	}
	return p.kinds[0]
}

func (m *marks) set(i int64, v mark) {
	p, at := m.pages[i/marksPerPage], i%marksPerPage
	if p.each != nil {
		p.each[at] = v
		return
	}
	kind := 0
	for kind < len(p.kinds) && p.kinds[kind] != v {
		kind++
	}
	switch {
	case kind == 0 && p.which == nil:
	case kind < 256:
		if kind == len(p.kinds) {
			p.kinds = append(p.kinds, v)
		}
		if p.which == nil {
			p.which = make([]uint8, marksPerPage)
		}
		p.which[at] = uint8(kind)
	default:
		p.each = make([]mark, marksPerPage)
		for j := range p.each {
			p.each[j] = p.kinds[p.which[j]]
		}
		p.each[at], p.kinds, p.which = v, nil, nil
	}
}
