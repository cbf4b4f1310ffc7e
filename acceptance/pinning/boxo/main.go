// What Kubo's own client library does with a pinning service: adds, lists with every filter, replaces and removes. Prints
// what came of it as JSON; ends with 1 when something is not as it must be.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	pinclient "github.com/ipfs/boxo/pinning/remote/client"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multiaddr"
	"github.com/multiformats/go-multihash"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx := context.Background()
	client := pinclient.NewClient(os.Getenv("ENDPOINT"), os.Getenv("JWT"))
	all := pinclient.PinOpts.FilterStatus(pinclient.StatusQueued, pinclient.StatusPinning, pinclient.StatusPinned, pinclient.StatusFailed)
	origin, err := multiaddr.NewMultiaddr("/ip4/127.0.0.1/udp/4001/quic-v1/p2p/12D3KooWJv6GkzRMgpZ5fMMmT3T4hBD6jRY8Xv8N5ZVwSwmsU2cG")
	if err != nil {
		return err
	}

	held, err := cid.Decode("bafkqabtimvwgy3yk")
	if err != nil {
		return err
	}
	added, err := client.Add(ctx, held, pinclient.PinOpts.WithName("war-and-peace.txt"), pinclient.PinOpts.WithOrigins(origin))
	if err != nil {
		return fmt.Errorf("add: %w", err)
	}
	if added.GetStatus() != pinclient.StatusPinned || len(added.GetDelegates()) == 0 {
		return fmt.Errorf("add answered %s with %d delegates", added.GetStatus(), len(added.GetDelegates()))
	}
	for _, delegate := range added.GetDelegates() {
		if _, err := delegate.ValueForProtocol(multiaddr.P_P2P); err != nil {
			return fmt.Errorf("delegate %s: %w", delegate, err)
		}
	}
	status, err := client.GetStatusByID(ctx, added.GetRequestId())
	if err != nil || status.GetStatus() != pinclient.StatusPinned || !status.GetPin().GetCid().Equals(held) {
		return fmt.Errorf("status of the pin: %v %v", status, err)
	}

	var waiting []pinclient.PinStatusGetter
	for n := range 23 {
		hash, err := multihash.Sum(fmt.Appendf(nil, "nobody has this: %d %d", n, time.Now().UnixNano()), multihash.SHA2_256, -1)
		if err != nil {
			return err
		}
		pin, err := client.Add(ctx, cid.NewCidV1(cid.Raw, hash), pinclient.PinOpts.WithName("waits"), pinclient.PinOpts.AddMeta(map[string]string{"n": fmt.Sprint(n)}))
		if err != nil {
			return fmt.Errorf("add %d: %w", n, err)
		}
		waiting = append(waiting, pin)
	}

	expect := func(what string, want int, opts ...pinclient.LsOption) error {
		found, err := client.LsSync(ctx, opts...)
		if err != nil {
			return fmt.Errorf("ls %s: %w", what, err)
		}
		ids := map[string]bool{}
		for _, pin := range found {
			ids[pin.GetRequestId()] = true
		}
		if len(found) != want || len(ids) != want {
			return fmt.Errorf("ls %s: %d pins, %d different ones, not %d", what, len(found), len(ids), want)
		}
		return nil
	}
	middle := waiting[11]
	first, last := waiting[0].GetPin().GetCid(), waiting[22].GetPin().GetCid()
	for _, err := range []error{
		expect("by default", 1),
		expect("all", 24, all),
		expect("a page larger than all", 24, all, pinclient.PinOpts.Limit(1000)),
		expect("by name", 1, all, pinclient.PinOpts.FilterName("war-and-peace.txt")),
		expect("by another name", 23, all, pinclient.PinOpts.FilterName("waits")),
		expect("by CID", 1, pinclient.PinOpts.FilterCIDs(held)),
		expect("by two CIDs", 2, all, pinclient.PinOpts.FilterCIDs(first, last)),
		expect("by status", 0, pinclient.PinOpts.FilterStatus(pinclient.StatusFailed)),
		expect("before", 12, all, pinclient.PinOpts.FilterBefore(middle.GetCreated())),
		expect("after", 11, all, pinclient.PinOpts.FilterAfter(middle.GetCreated())),
	} {
		if err != nil {
			return err
		}
	}

	// As the MFS policy of Kubo does after a failure: the same CID once more.
	again, err := client.Replace(ctx, middle.GetRequestId(), middle.GetPin().GetCid(), pinclient.PinOpts.WithName("replaced"))
	if err != nil {
		return fmt.Errorf("replace by the same CID: %w", err)
	}
	next, err := client.Replace(ctx, again.GetRequestId(), held, pinclient.PinOpts.WithName("replaced"))
	if err != nil || next.GetStatus() != pinclient.StatusPinned || next.GetRequestId() == again.GetRequestId() {
		return fmt.Errorf("replace: %v %v", next, err)
	}
	_, gone := client.GetStatusByID(ctx, middle.GetRequestId())
	if gone == nil {
		return fmt.Errorf("a pin that was replaced is still there")
	}
	if err := expect("after replace", 1, pinclient.PinOpts.FilterName("replaced")); err != nil {
		return err
	}

	if err := client.DeleteByID(ctx, next.GetRequestId()); err != nil {
		return fmt.Errorf("rm: %w", err)
	}
	twice := client.DeleteByID(ctx, next.GetRequestId())
	if twice == nil {
		return fmt.Errorf("a pin was removed twice")
	}
	for _, pin := range append(waiting[:11], waiting[12:]...) {
		if err := client.DeleteByID(ctx, pin.GetRequestId()); err != nil {
			return fmt.Errorf("rm of a pin that waits: %w", err)
		}
	}
	if err := expect("after rm", 1, all); err != nil {
		return err
	}
	_, stranger := pinclient.NewClient(os.Getenv("ENDPOINT"), "not-a-token").LsSync(ctx)
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"gone": gone.Error(), "twice": twice.Error(), "stranger": fmt.Sprint(stranger),
	})
}
