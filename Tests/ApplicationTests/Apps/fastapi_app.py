"""An application of FastAPI's: lifespan, state, streaming, background tasks, threads, WebSockets."""

import asyncio
import os
import threading
import time
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel
from stage import FOLDER, tell


async def wait_for(gate):
    while not os.path.exists(os.path.join(FOLDER, gate)):
        await asyncio.sleep(0.005)


@asynccontextmanager
async def lifespan(app):
    tell("startup")
    await asyncio.sleep(0.05)
    if "FAIL_STARTUP" in os.environ:
        raise RuntimeError("no database today")
    yield {"database": "connected"}
    tell("shutdown")
    if "FAIL_SHUTDOWN" in os.environ:
        raise RuntimeError("cannot disconnect")


app = FastAPI(lifespan=lifespan)


class Item(BaseModel):
    name: str
    price: float


@app.get("/")
async def root():
    return {"hello": "world"}


@app.get("/state")
async def state(request: Request):
    before = getattr(request.state, "own", None)
    request.state.own = "mine"
    return {"database": request.state.database, "before": before, "client": request.client.host}


@app.get("/items/{number}")
async def item(number: int, q: str = "none"):
    return {"number": number, "q": q}


@app.post("/items")
async def add(item: Item):
    return {"name": item.name, "double": item.price * 2}


@app.post("/count")
async def count(request: Request):
    total = 0
    async for block in request.stream():
        total += len(block)
    return {"bytes": total}


@app.get("/stream")
async def stream(gate: str):
    async def pieces():
        yield b"first\n"
        await wait_for(gate)
        yield b"second\n"

    return StreamingResponse(pieces(), media_type="text/plain")


@app.get("/endless")
async def endless():
    async def pieces():
        try:
            while True:
                yield b"x" * 65536
                await asyncio.sleep(0.001)
        finally:
            tell("endless closed")

    return StreamingResponse(pieces())


async def later(text):
    await wait_for("background")
    tell("background " + text)


@app.get("/background")
async def background(tasks: BackgroundTasks):
    tasks.add_task(later, "done")
    return "accepted"


@app.get("/background-fails")
async def background_fails(tasks: BackgroundTasks):
    def fail():
        raise RuntimeError("the background task gave up")

    tasks.add_task(fail)
    return "accepted"


@app.get("/thread", response_class=PlainTextResponse)
def thread(seconds: float = 0.0):
    time.sleep(seconds)
    return "main" if threading.current_thread() is threading.main_thread() else "beside"


@app.get("/fail")
async def fail():
    raise RuntimeError("the application gave up")


@app.get("/teapot")
async def teapot():
    raise HTTPException(418, "no coffee")


@app.websocket("/chat")
async def chat(websocket: WebSocket):
    offered = websocket.scope["subprotocols"]
    await websocket.accept(
        subprotocol="second" if "second" in offered else None, headers=[(b"x-database", websocket.state.database.encode())]
    )
    tell("opened")
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message["code"])
            if message.get("text") is None:
                await websocket.send_bytes(message["bytes"])
            elif message["text"] == "close":
                return await websocket.close(4001, "asked to")
            elif message["text"] == "fail":
                raise RuntimeError("the chat gave up")
            else:
                await websocket.send_text(message["text"])
    except WebSocketDisconnect as end:
        tell("closed %s" % end.code)


@app.websocket("/receives")
async def receives(websocket: WebSocket):
    """Does not catch what tells it of the end, as most examples do."""
    await websocket.accept()
    while True:
        await websocket.send_text(await websocket.receive_text())


@app.websocket("/pushes")
async def pushes(websocket: WebSocket):
    """Only sends, so that it learns by this that its client has left."""
    await websocket.accept()
    try:
        while True:
            await websocket.send_text("tick")
            await asyncio.sleep(0.01)
    finally:
        tell("pushes ended")


@app.websocket("/refused")
async def refused(websocket: WebSocket):
    await websocket.close()


@app.websocket("/denied")
async def denied(websocket: WebSocket):
    await websocket.send_denial_response(JSONResponse({"why": "no token"}, status_code=401))
