//go:build !race

package transfer

const raced = false
