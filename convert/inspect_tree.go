package convert

import (
	"context"
	"strconv"

	"depickle/convert/internal/tagged"
	"depickle/convert/plan"
	"depickle/convert/provenance"
	"depickle/sandboxload/value"
	"depickle/scan/limit"
)

// Node is a value in the tree of a pickle. Its texts are for people: names and
// long texts are quoted and cut.
type Node struct {
	Key  string // the segment that leads here, "" for the top
	Type string // such as "dict", "int", "collections.OrderedDict"
	// Text is a constant's value, what an object was made by, or the elements
	// of a tensor.
	Text string
	Len  int // entries of a container
	// Tensors are those below; a container that stands in several places
	// counts in the first one, and is Again in the others.
	Tensors int
	Again   bool
	// Children are entries, in their order, and More how many were left out:
	// all, where a container has tensors alone, which are listed elsewhere.
	Children []*Node
	More     int
}

// The bounds of a tree. What is left out is counted all the same.
const (
	nodesMost    = 20_000
	childrenMost = 1000 // of one container
	treeDepth    = 64
)

// treeBuilder visits every value once, and makes nodes for the first ones.
type treeBuilder struct {
	ctx    context.Context
	limits limit.Limits
	seen   map[value.Value]bool
	visits int64
	left   int // nodes that may still be made
}

func newTreeBuilder(ctx context.Context, l limit.Limits) *treeBuilder {
	return &treeBuilder{ctx: ctx, limits: l, seen: map[value.Value]bool{}, left: nodesMost}
}

// tree makes the tree of one pickle.
func (b *treeBuilder) tree(key string, v value.Value) (*Node, error) {
	n := &Node{}
	return n, b.fill(n, key, v, 0)
}

// patience is how many values are visited between two looks at the context.
const patience = 4096

func (b *treeBuilder) fill(n *Node, key string, v value.Value, depth int) error {
	if b.visits++; b.visits%patience == 0 {
		if err := b.ctx.Err(); err != nil {
			return err
		}
	}
	n.Key = shown(key)
	n.Type, n.Text = describe(v)
	if tagged.Secret(key) {
		n.Text = "(not shown: its key says that it is a secret)"
		if _, ok := v.(*value.Tensor); !ok {
			return nil
		}
	}
	switch v := v.(type) {
	case *value.Tensor:
		if v.Objects == nil {
			n.Tensors = 1
		}
		if v.Objects == nil && v.State == nil {
			return nil
		}
	case *value.Dict, *value.List, *value.Tuple, *value.Set, *value.Object, *value.Persistent:
	default:
		return nil
	}
	if depth > b.limits.Depth {
		n.Text = "(too deep to be shown)"
		return nil
	}
	if b.seen[v] {
		n.Again, n.Tensors = true, 0
		return nil
	}
	b.seen[v] = true
	return b.children(n, v, depth)
}

// children fills a container. Nodes of those that are left out are filled too,
// for what they count, and forgotten.
func (b *treeBuilder) children(n *Node, v value.Value, depth int) error {
	plain := true // tensors alone
	err := entries(v, func(segment string, child value.Value) error {
		c := &Node{}
		if err := b.fill(c, segment, child, depth+1); err != nil {
			return err
		}
		// What a dict carries beside its items, such as a state_dict's
		// versions, is no reason to list its tensors here too.
		beside := segment == "__state__" && c.Tensors == 0
		if !beside {
			n.Len++
		}
		n.Tensors += c.Tensors
		plain = plain && (beside || c.Type == tensorType && len(c.Children) == 0)
		if depth >= treeDepth || b.left <= 0 || len(n.Children) >= childrenMost {
			n.More++
			return nil
		}
		b.left--
		n.Children = append(n.Children, c)
		return nil
	})
	if plain && n.Len > 0 {
		b.left += size(n)
		n.More, n.Children = n.Len, nil
	}
	return err
}

// size is how many nodes are below one.
func size(n *Node) (count int) {
	for _, c := range n.Children {
		count += 1 + size(c)
	}
	return count
}

// entries are what a value holds, in the segments of plan's paths.
func entries(v value.Value, f func(segment string, child value.Value) error) error {
	switch v := v.(type) {
	case *value.Tensor:
		for k, o := range v.Objects {
			if err := f(strconv.Itoa(k), o); err != nil {
				return err
			}
		}
		if v.State != nil {
			return f("__state__", v.State)
		}
		return nil
	case *value.Set:
		for k := range v.Items.Len() {
			item, _ := v.Items.At(k)
			if err := f(strconv.Itoa(k), item); err != nil {
				return err
			}
		}
		return nil
	}
	return plan.Children(v, f)
}

// shown bounds a name.
func shown(s string) string {
	const most = 200
	if len(s) > most {
		return provenance.Text(s[:most]) + "… (" + strconv.Itoa(len(s)) + " bytes)"
	}
	return provenance.Text(s)
}
