"""What the page says, in English and in Chinese."""

from collections.abc import Mapping

ENGLISH = {
    "lang": "en",
    "lead": "Type, and the model goes on in red.",
    "your_text": "Your text",
    "placeholder": "Write a line, and the model goes on.",
    "go_on": "Go on",
    "stop": "Stop",
    "take_back": "Take back",
    "try_again": "Try again",
    "three_ways": "Three ways",
    "copy": "Copy",
    "copied": "Copied.",
    "download": "Download",
    "clear": "New page",
    "theme": "Light or dark",
    "settings": "Settings",
    "temperature": "Temperature",
    "top_k": "Top-k",
    "top_p": "Top-p",
    "length": "Length in tokens",
    "seed": "Seed",
    "seed_hint": "new each time",
    "reset": "Reset",
    "keys": "Ctrl+Enter: go on or stop · Ctrl+Shift+Enter: three ways · Ctrl+Z: take back · Esc: stop",
    "choose": "Choose how it goes on",
    "choose_hint": "Click one, or press 1, 2 or 3: it is taken, and three more come. Esc closes.",
    "close": "Close",
    "writing": "The model is writing…",
    "waiting": "Waiting for a place…",
    "done": "{tokens} tokens · {rate} a second · seed {seed}",
    "ended": "the model has come to an end",
    "nothing": "Nothing came: the model sees an end here. Try again.",
    "stopped": "Stopped.",
    "back": "Taken back.",
    "lost": "The connection was lost. What came is kept.",
    "refused": "The server says: {message}",
    "model_wrote": "The model wrote: {text}",
    "noscript": "Without JavaScript the whole answer comes at once.",
    "seed_label": "Enter a seed sentence:",
    "enter": "Enter",
    "input_seed": "Input Seed",
    "network_output": "Network Output",
    "home": "Home",
    "door_title": "A token, please",
    "door": "This page opens with the link that was printed where it is served, or with its token.",
    "token": "Token",
    "door_wrong": "That is not the token.",
    "trouble": "That did not work.",
}

CHINESE = {
    "lang": "zh-Hans",
    "lead": "你来写，模型用红字接着写。",
    "your_text": "你的文字",
    "placeholder": "写一行，模型会接着写下去。",
    "go_on": "续写",
    "stop": "停止",
    "take_back": "撤回",
    "try_again": "重试",
    "three_ways": "三种续写",
    "copy": "复制",
    "copied": "已复制。",
    "download": "下载",
    "clear": "新的一页",
    "theme": "切换浅色或深色",
    "settings": "设置",
    "temperature": "温度",
    "top_k": "Top-k",
    "top_p": "Top-p",
    "length": "长度（词元）",
    "seed": "随机种子",
    "seed_hint": "每次不同",
    "reset": "恢复默认",
    "keys": "Ctrl+Enter：续写或停止 · Ctrl+Shift+Enter：三种续写 · Ctrl+Z：撤回 · Esc：停止",
    "choose": "选一种续写",
    "choose_hint": "点一下，或按 1、2、3：选中的接到文末，并再给出三种。Esc 关闭。",
    "close": "关闭",
    "writing": "模型正在写…",
    "waiting": "正在排队…",
    "done": "{tokens} 个词元 · 每秒 {rate} 个 · 种子 {seed}",
    "ended": "模型写到了结尾",
    "nothing": "没有续写：模型认为到此结束。请重试。",
    "stopped": "已停止。",
    "back": "已撤回。",
    "lost": "连接已断开。已写出的文字会保留。",
    "refused": "服务器提示：{message}",
    "model_wrote": "模型写道：{text}",
    "noscript": "未启用 JavaScript 时，续写会一次性全部显示。",
    "seed_label": "输入开头的句子：",
    "enter": "提交",
    "input_seed": "输入",
    "network_output": "模型续写",
    "home": "首页",
    "door_title": "请出示令牌",
    "door": "请用服务启动时显示的链接打开本页，或在此输入令牌。",
    "token": "令牌",
    "door_wrong": "令牌不对。",
    "trouble": "操作未成功。",
}


def words_for(accepted: str) -> Mapping[str, str]:
    """The language that a browser likes best, by its Accept-Language, of those there are."""
    liked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        name, _, quality = part.strip().partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            weight = 0.0
        liked.append((-weight, place, name.lower()))
    for weight, _, name in sorted(liked):
        if weight < 0 and name.partition("-")[0] in ("en", "zh"):
            return CHINESE if name.startswith("zh") else ENGLISH
    return ENGLISH
