package machine

import "depickle/scan/limit"

// node makes a value with an identity and counts it.
func (m *Machine) node(k Kind, items ...Value) (Value, error) {
	n := cost(items)
	if m.objects += n; m.objects > m.limits.Objects+m.limits.Objects/4 {
		if m.objects = m.outer + m.census(items) + n; m.objects > m.limits.Objects {
			return Value{}, limit.Objects.Exceeded(m.limits.Objects, m.ev.Op.Offset)
		}
	}
	return Value{Kind: k, Node: &Node{Items: items}}, nil
}

// cost is what a node with these items counts for: it has 64 bytes, an item 24.
func cost(items []Value) int64 { return 1 + (3*int64(len(items))+4)/8 }

// census counts the nodes that are still held, by stack, memo and each other:
// of most pickles that is next to nothing, since what calls take is gone with
// the call and what containers take is not kept here. It runs each time that
// at least a quarter as many nodes were made as may be held, so that its time
// is linear.
func (m *Machine) census(taken []Value) int64 {
	m.round++
	c := census{round: m.round}
	c.values(taken) // from the stack, for the node that is made
	c.values(m.stack)
	for _, page := range m.memo.pages {
		if page != nil {
			c.values(page[:])
		}
	}
	for _, v := range m.memo.far {
		c.value(v)
	}
	for len(c.open) > 0 {
		n := c.open[len(c.open)-1]
		c.open = c.open[:len(c.open)-1]
		c.values(n.Items)
	}
	return c.held
}

// Held is how many nodes are held, at most; those of machines that this one
// runs inside of included.
func (m *Machine) Held() int64 { return m.objects }

type census struct {
	round uint32
	held  int64
	open  []*Node // counted, and their items not looked at yet
}

func (c *census) values(values []Value) {
	for i := range values {
		c.value(values[i])
	}
}

func (c *census) value(v Value) {
	n := v.Node
	if n == nil || n.seen == c.round {
		return
	}
	n.seen = c.round
	c.held += cost(n.Items)
	if len(n.Items) > 0 {
		c.open = append(c.open, n)
	}
}
