// A client and a worker as Go programs write them: types registered under the names that
// qmanager's own programs register, net/rpc over HTTP. Each call is told on one line.
package main

import (
	"encoding/gob"
	"fmt"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
)

type Task struct {
	Id     string
	Type   string
	Input  interface{}
	Output interface{}
}

type UUID string

type Point struct{ X, Y int }

func say(client *rpc.Client, method string, argument interface{}) interface{} {
	var reply interface{}
	err := client.Call("RpcHandler."+method, argument, &reply)
	switch answer := reply.(type) {
	case Task:
		fmt.Printf("%s %T %v %T %v %v\n", method, answer.Input, answer.Input, answer.Output, answer.Output, err)
	case UUID:
		fmt.Printf("%s id %v\n", method, err)
	default:
		fmt.Printf("%s %v %v\n", method, reply, err)
	}
	return reply
}

func dial(address string) *rpc.Client {
	client, err := rpc.DialHTTP("tcp", address)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	return client
}

func main() {
	const place = "github.com/mitjaziv/qmanager/internal/"
	gob.RegisterName(place+"structures.Task", Task{})
	gob.RegisterName(place+"uuid.UUID", UUID(""))
	gob.Register(Point{})
	client, worker := dial(os.Args[1]), dial(os.Args[2])
	inputs := []interface{}{"15", 15, -2.5, true, []byte{1, 2, 255}, int64(-5), Point{3, 4}, []string{"a", ""}}
	for _, input := range inputs {
		id := say(client, "AddTask", &Task{Type: "sum", Input: input})
		task, taken := say(worker, "TakeTaskByType", []string{"none", "sum"}).(Task)
		if !taken || task.Id != string(id.(UUID)) {
			fmt.Println("another task")
		}
		task.Output = input
		say(worker, "FinishTask", task)
		say(client, "GetTask", id)
		say(client, "GetTask", id)
	}
	say(worker, "TakeTask", struct{}{})
	say(client, "AddTask", Task{Input: "x"})
	say(client, "AddTask", Task{Type: "t"})
	say(client, "GetTask", UUID("nope"))
	say(client, "NoSuchMethod", 1)
	say(client, "AddTask", 42)
	id := say(client, "AddTask", Task{Type: "fails", Input: "y"})
	for {
		if say(worker, "TakeTask", struct{}{}) == nil {
			break
		}
		say(worker, "RetryTask", id)
	}
	calls := make(chan *rpc.Call, 20)
	for n := 0; n < 20; n++ {
		var reply interface{}
		worker.Go("RpcHandler.AddTask", Task{Type: "many", Input: n}, &reply, calls)
	}
	well := 0
	for n := 0; n < 20; n++ {
		if call := <-calls; call.Error == nil {
			well++
		}
	}
	fmt.Println("in flight", well)
	inJSON(os.Args[1])
}

// The same with Go's JSON codec: whatever is answered, the connection goes on.
func inJSON(address string) {
	client, err := jsonrpc.Dial("tcp", address)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	var id string
	var empty, taken, shown Task
	var nothing interface{}
	fmt.Println("AddTask", client.Call("RpcHandler.AddTask", Task{Type: "json", Input: 1.5}, &id))
	fmt.Println("TakeTaskByType", client.Call("RpcHandler.TakeTaskByType", []string{"none"}, &empty), empty.Id == "")
	fmt.Println("TakeTaskByType", client.Call("RpcHandler.TakeTaskByType", []string{"json"}, &taken), taken.Id == id)
	fmt.Println("RetryTask", client.Call("RpcHandler.RetryTask", id, &nothing))
	fmt.Println("TakeTaskByType", client.Call("RpcHandler.TakeTaskByType", []string{"json"}, &taken), taken.Input)
	taken.Output = "done"
	fmt.Println("FinishTask", client.Call("RpcHandler.FinishTask", taken, &nothing))
	fmt.Println("GetTask", client.Call("RpcHandler.GetTask", id, &shown), shown.Output)
	fmt.Println("GetTask", client.Call("RpcHandler.GetTask", "nope", &shown))
}
