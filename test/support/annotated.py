"""A picture of the project, annotated in COCO's format with the outline of its person."""
import json
import shutil

from support.paths import DATA

PICTURE = 'astronaut.jpg'
OUTLINE = (200, 20, 290, 50, 300, 110, 270, 160, 305, 230, 350, 290, 365, 360, 300, 400, 280, 460,
           285, 508, 25, 508, 20, 400, 50, 280, 110, 215, 120, 170, 160, 110, 155, 60)
"""By hand, along the hair and the suit, without the helmet [px]."""
KEYPOINTS = ((222, 125), (240, 100), (203, 100), (272, 108), (172, 118), (325, 275), (80, 275),
             (340, 350), (45, 420), (270, 470), (150, 490), (250, 495), (100, 495),
             None, None, None, None)


def annotation(**values):
    """COCO's annotation of the person; `values` replace some of it."""
    labels = [value for place in KEYPOINTS for value in ((*place, 2) if place else (0, 0, 0))]
    return {'id': 1, 'image_id': 9, 'category_id': 1, 'iscrowd': 0, 'area': 120000.0,
            'bbox': [20, 20, 345, 488], 'num_keypoints': 13, 'keypoints': labels,
            'segmentation': [list(OUTLINE)], **values}


def write_annotated(folder, *annotations):
    """Writes the picture and its annotations into a folder.

    Returns:
        The folder of pictures and the JSON file.
    """
    images, path = folder / 'images', folder / 'people.json'
    images.mkdir()
    shutil.copy(DATA / PICTURE, images)
    path.write_text(json.dumps({
        'images': [{'id': 9, 'file_name': PICTURE, 'width': 512, 'height': 512}],
        'annotations': list(annotations or [annotation()])}), encoding='utf-8')
    return images, path
