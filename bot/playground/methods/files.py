"""The methods ``files.*``: an address to upload to, and the message that shows the files."""

from dataclasses import replace

from bot.playground.methods.places import keep_pace, open_to_messages, thread_of
from bot.playground.methods.reading import Request
from bot.playground.records import File, Json, Message
from bot.playground.refusal import Refusal


def upload_address(request: Request) -> Json:
    """Carry out ``files.getUploadURLExternal``."""
    name = request.need("filename", "missing_argument")
    length = request.number("length", 0)
    if not length:
        raise Refusal("missing_argument")
    file = File(
        request.state.new_id("F"), name, b"", alt_text=request.text("alt_txt"), length=length
    )
    request.state.uploads[file.id] = file
    return {"upload_url": f"{request.base}/upload/{file.id}", "file_id": file.id}


def complete_upload(request: Request) -> Json:
    """Carry out ``files.completeUploadExternal``; an address serves once."""
    state = request.state
    wanted = request.objects("files")
    files: list[File] = []
    for one in wanted:
        file = state.uploads.get(str(one.get("id")))
        if file is None or not file.content or file.length == 0:
            raise Refusal("file_not_found")
        files.append(replace(file, title=str(one.get("title") or file.name), length=0))
    if not files:
        raise Refusal("invalid_arguments", "missing required field: files")
    places = request.text("channel_id") or request.text("channels")
    for place in filter(None, places.split(",")):
        _share(replace(request, arguments={**request.arguments, "channel": place}), tuple(files))
    state.uploads.update({file.id: file for file in files})
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _share(request: Request, files: tuple[File, ...]) -> None:
    channel = open_to_messages(request, joined=True)
    thread_ts = thread_of(request, channel)
    keep_pace(request, channel)
    request.state.add(
        Message(
            channel=channel.id,
            ts=request.state.new_ts(),
            user=request.team.bot_user,
            text=request.text("initial_comment"),
            team=request.team.id,
            bot_id=request.team.bot_id,
            thread_ts=thread_ts,
            files=files,
        )
    )
